import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {type CommandWords, commandLine, commandLineParts} from '../../src/tui/command-words.ts'
import type {NodeAddress} from '../../src/watch/model.ts'

const LB1: NodeAddress = {name: 'lb1', given: 'ssh://lb1', target: {host: 'ssh://root@lb1:2222'}}
const RELEASE: CommandWords = {verb: ['vrrp', 'release'], args: ['VI_1'], flags: {reason: "it's $HOME; `x`"}}

test.each<[string, CommandWords, NodeAddress['target'], string]>([
  [
    'a host',
    {verb: ['vrrp', 'takeover'], args: ['VI_1']},
    {host: 'ssh://lb1'},
    'hactl vrrp takeover VI_1 --host ssh://lb1',
  ],
  [
    'a host and a socket there',
    {verb: ['agent', 'reload'], args: []},
    {host: 'ssh://lb1', socket: '/run/a.sock'},
    'hactl agent reload --host ssh://lb1 --socket /run/a.sock',
  ],
  // Whatever the current context is.
  ['the agent here', {verb: ['agent', 'reload'], args: []}, {}, 'hactl agent reload --socket /run/hactl/agent.sock'],
  [
    'an address in brackets',
    {verb: ['lvs', 'drain-real'], args: ['[2001:db8::1]:80/tcp', '[2001:db8::a]:80']},
    {socket: '/s'},
    "hactl lvs drain-real '[2001:db8::1]:80/tcp' '[2001:db8::a]:80' --socket /s",
  ],
  [
    'a name with a dash before it',
    {verb: ['vrrp', 'takeover'], args: ['-x'], flags: {reason: '-y', yes: true}},
    {socket: '/s'},
    'hactl vrrp takeover --socket /s --reason=-y --yes -- -x',
  ],
])('a command line names %s', (_what, words, target, line) => {
  expect(commandLine(words, {...LB1, target})).toBe(line)
})

test.each([30, 60, 200])('a shell reads the words back, also over lines of %i columns', width => {
  const parts = commandLineParts(commandLine(RELEASE, LB1), width)
  expect(Math.max(...parts.map(({length}) => length))).toBeLessThanOrEqual(width)
  const shell = `hactl() { for word; do printf '<%s>' "$word"; done; }\n${parts.join('\n')}`
  expect(execFileSync('/bin/sh', ['-c', shell], {encoding: 'utf8'})).toBe(
    "<vrrp><release><VI_1><--host><ssh://root@lb1:2222><--reason><it's $HOME; `x`>",
  )
})
