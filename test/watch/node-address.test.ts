import {expect, test} from 'vitest'
import {HactlError} from '../../src/errors.ts'
import {isReadOnlyAddress, nodeAddresses, parseNodeAddress} from '../../src/watch/node-address.ts'

test.each([
  ['local', 'local', {}],
  ['ssh://lb1', 'lb1', {host: 'ssh://lb1'}],
  ['ssh://root@lb1.example.org:2222/', 'lb1.example.org', {host: 'ssh://root@lb1.example.org:2222'}],
  ['ssh://root@[fe80::1%eth0]:22', 'fe80::1%eth0', {host: 'ssh://root@[fe80::1%eth0]:22'}],
  ['ssh://lb1/run/two/agent.sock', 'lb1', {host: 'ssh://lb1', socket: '/run/two/agent.sock'}],
  ['unix:/run/hactl/two.sock', 'two', {socket: '/run/hactl/two.sock'}],
  ['unix:/run/two/agent.sock', 'two', {socket: '/run/two/agent.sock'}],
  ['unix:/run/two/agent-ro.sock', 'two', {socket: '/run/two/agent-ro.sock'}],
])('%s is called %s', (given, name, target) => {
  expect(parseNodeAddress(given)).toEqual({name, given, target})
})

test.each([
  '',
  'lb1',
  'root@lb1',
  'ssh://',
  'ssh://-oProxyCommand=x',
  'ssh://-l@lb1',
  'ssh://lb1;reboot',
  'ssh://lb1:x',
  'ssh://a b',
  'ssh://lb1/a\nb',
  'unix:agent.sock',
  'unix:/a\u001b[2J',
  `ssh://${'a'.repeat(1_000)}`,
])('%j names no node, and is told so in one line', given => {
  let thrown: unknown
  try {
    parseNodeAddress(given)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(HactlError)
  expect(thrown).toMatchObject({code: 'USAGE', message: expect.stringMatching(/^\P{Cc}{1,130} names no node$/u)})
})

test('no two nodes have one name', () => {
  const given = ['ssh://lb1', 'ssh://root@lb1:2222', 'unix:/run/lb1/agent.sock', 'local']
  expect(nodeAddresses(given).map(({name}) => name)).toEqual(['lb1', 'lb1 (2)', 'lb1 (3)', 'local'])
})

test('there is an end to how many nodes are watched', () => {
  expect(() => nodeAddresses(Array.from({length: 65}, () => 'local'))).toThrow('at most 64')
})

test.each([
  ['unix:/run/hactl/agent-ro.sock', true],
  ['unix:/run/hactl/agent.sock', false],
  ['local', false],
])('%s is for reading only: %s', (given, expected) => {
  expect(isReadOnlyAddress(parseNodeAddress(given))).toBe(expected)
})
