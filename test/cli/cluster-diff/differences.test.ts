import {describe, expect, it} from 'vitest'
import {differencesOf} from '../../../src/cli/cluster-diff/differences.ts'
import type {NodeFacts} from '../../../src/cli/cluster-diff/node-facts.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {LvsSyncDaemon} from '../../../src/control/lvs-model.ts'
import {fakeOverride, fakeVip} from '../../fake-agent.ts'
import {fakeReal, fakeService} from '../../fake-lvs.ts'
import {agent} from '../../watch/nodes.ts'

const config = (name: string, lines: string) =>
  parseConfig({
    file: `${name}.conf`,
    text: `global_defs {\n router_id ${name}\n vrrp_version 3\n}\nvrrp_instance VI_1 {\n interface eth0\n
      virtual_router_id 5\n ${lines}\n virtual_ipaddress {\n 10.0.0.10/24\n }\n}\n`,
  })

const daemon = (role: 'master' | 'backup', id = 1): LvsSyncDaemon => ({
  role,
  interface: 'eth0',
  id,
  maxLength: null,
  group: '224.0.0.81',
  port: 8848,
  ttl: 1,
  origin: 'configuration',
})

const facts = (name: string, fields: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  agent: agent(),
  loaded: config(name, `priority ${name === 'lb1' ? 150 : 100}`),
  services: [fakeService({realServers: [fakeReal()]})],
  daemons: [],
  lvsProblem: null,
  vips: [fakeVip({present: name === 'lb1', wanted: name === 'lb1'})],
  overrides: [],
  ...fields,
})

const linesOf = (one: Partial<NodeFacts>, two: Partial<NodeFacts> = {}): readonly string[] =>
  differencesOf([facts('lb1', one), facts('lb2', two)]).map(({text}) => text)

const absent = fakeVip({present: false, wanted: false})
const service = fakeService({realServers: [fakeReal({weight: 0})]})
const [name, real] = [service.name, fakeReal().name]

describe('differences between nodes', () => {
  it('are none of a master and a backup of one configuration', () => {
    expect(linesOf({})).toEqual([])
    expect(linesOf({daemons: [daemon('master')]}, {daemons: [daemon('backup')]})).toEqual([])
  })

  it.each<[string, Partial<NodeFacts>, string]>([
    ['the version', {agent: {...agent(), version: '9.9'}}, 'hactl: 0.1.0 on lb1; 9.9 on lb2'],
    [
      'what is shared',
      {agent: agent({sharedHash: 'ffff'})},
      `hash of what nodes share: ${agent().configuration.sharedHash} on lb1; ffff on lb2`,
    ],
    [
      'an edited file',
      {agent: agent({onDisk: 'changed'})},
      'lb2: /etc/hactl/hactl.conf was edited and is not what runs',
    ],
    ['a refused reload', {agent: agent({refused: 'line 3'})}, 'lb2: the last reload was refused: line 3'],
    ['two holders', {vips: [fakeVip()]}, '10.0.0.10 is on lb1 and lb2'],
    [
      'an address where it is not wanted',
      {vips: [fakeVip({wanted: false})]},
      '10.0.0.10 is on lb2, where VI_1 is not master',
    ],
    [
      'a weight',
      {services: [service]},
      `real server ${real} of ${name}: ${fakeReal().method} weight ${fakeReal().weight} on lb1; ${fakeReal().method} weight 0 on lb2`,
    ],
    ['a real server that is out', {services: [fakeService({realServers: []})]}, `real server ${real} of ${name}: `],
    ['IPVS that cannot be read', {services: null, lvsProblem: 'no module'}, 'lb2: IPVS cannot be read: no module'],
    ['a sync daemon', {daemons: [daemon('backup')]}, 'sync daemons: none on lb1; id 1 224.0.0.81:8848 on lb2'],
    ['an override', {overrides: [fakeOverride()]}, 'lb2: an operator changed VI_1: priority 150'],
  ])('are told: %s', (_, two, line) => {
    expect(linesOf({}, two)).toEqual(expect.arrayContaining([expect.stringContaining(line)]))
  })

  it('are told of an address that nobody holds, and of one that is missing', () => {
    expect(linesOf({vips: [absent]}, {vips: [absent]})).toEqual(['10.0.0.10 is on no node'])
    expect(linesOf({vips: [fakeVip({present: false})]}, {vips: [absent]})).toEqual([
      '10.0.0.10 is missing on lb1, where VI_1 is master',
      '10.0.0.10 is on no node',
    ])
  })

  it('are told of what has to agree in configurations, with its place', () => {
    const [line] = linesOf({}, {loaded: config('lb2', 'priority 100\n advert_int 5')})
    expect(line).toMatch(/advert_int.*\(lb[12], line \d+\)$/)
  })

  it('are told of sync daemons that all send, or none', () => {
    const send = {daemons: [daemon('master')]}
    const take = {daemons: [daemon('backup')]}
    expect(linesOf(send, send)).toEqual(['sync daemons: lb1 and lb2 all send'])
    expect(linesOf(take, take)).toEqual(['sync daemons: lb1 and lb2 only take, and nobody sends'])
    expect(linesOf(send, {daemons: [daemon('backup', 2)]})).toHaveLength(1)
  })
})
