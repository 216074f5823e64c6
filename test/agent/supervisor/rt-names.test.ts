import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {readRtNames, resolveRtNames} from '../../../src/agent/supervisor/rt-names.ts'
import {loadText} from '../../../src/config/load.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-rt-names-'))
})
afterEach(() => rmSync(directory, {recursive: true}))

/** The routes and rules of a text. */
const lines = (text: string) => {
  const {staticRoutes: routes, staticRules: rules} = loadText('x', text).config
  return {routes, rules}
}

it('reads numbers and names of a file, of those beside it and of a directory that counts more', () => {
  const more = join(directory, 'more')
  mkdirSync(join(more, 'rt_tables.d'), {recursive: true})
  writeFileSync(join(directory, 'rt_tables'), '# comment\n100 one\n0x65\ttwo # comment\nx three\n99999999999 four\n')
  writeFileSync(join(more, 'rt_tables'), '200 one\n')
  writeFileSync(join(more, 'rt_tables.d', 'a.conf'), '201 five\n')
  writeFileSync(join(more, 'rt_tables.d', 'a.txt'), '202 six\n')
  const names = readRtNames([directory, more])
  expect([...names.table]).toEqual([
    ['one', 200],
    ['two', 101],
    ['five', 201],
  ])
  expect(names.realm.size).toBe(0)
})

it('puts numbers in place of every name of a route and of a rule', () => {
  for (const [file, name] of [
    ['rt_tables', 'mine'],
    ['rt_scopes', 'near'],
    ['rt_protos', 'me'],
    ['rt_dsfield', 'quick'],
    ['rt_realms', 'home'],
    ['group', 'outer'],
  ]) {
    writeFileSync(join(directory, file as string), `12 ${name}\n`)
  }
  const found = resolveRtNames(
    readRtNames([directory]),
    lines(`
      static_routes {
        10.0.0.0/8 via 192.0.2.9 table mine scope near protocol me no_track tos quick realms home/home
        10.0.0.0/8 nexthop via 192.0.2.9 realms home encap ip dst 10.9.9.9 tos quick
        10.0.0.0/8 dev eth0 encap ip6 dst 2001:db8::1 tc quick table 7
      }
      static_rules {
        from 10.0.0.0/8 table mine tos quick realms home suppress_ifgroup outer preference 1
        from 10.0.0.0/8 blackhole preference 2
      }`),
  )
  expect(found.problems).toEqual([])
  expect(found.routes).toMatchObject([
    {table: 12, scope: 12, protocol: 12, tos: 12, realms: {from: 12, to: 12}},
    {nextHops: [{realms: {from: 0, to: 12}, encapsulation: {type: 'ip', tos: 12}}]},
    {table: 7, encapsulation: {type: 'ip6', trafficClass: 12}},
  ])
  expect(found.rules).toMatchObject([
    {action: {type: 'table', table: 12}, tos: 12, realms: {from: 0, to: 12}, suppressGroup: 12},
    {action: {type: 'blackhole'}},
  ])
})

it('leaves out a line with a name that this host does not know, and says which', () => {
  const found = resolveRtNames(
    readRtNames([directory]),
    lines(`static_routes {
        10.0.0.0/8 dev eth0 table mine
        10.1.0.0/16 dev eth0 table main
      }
      static_rules { from 10.0.0.0/8 table mine preference 1 }`),
  )
  expect(found.routes).toMatchObject([{destination: {address: '10.1.0.0'}}])
  expect(found.rules).toEqual([])
  expect(found.problems.map(({text, position}) => `${position.line}: ${text}`)).toEqual([
    '2: the route is left out: /etc/iproute2/rt_tables has no mine',
    '5: the rule is left out: /etc/iproute2/rt_tables has no mine',
  ])
})
