import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {onlyService, serviceText} from './lvs-support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const groupText = (lines: readonly string[], own: readonly string[] = [], server?: string): string =>
  [`virtual_server_group g {`, ...lines, '}', serviceText(own, 'group g', server)].join('\n')

/** A group for a service of which nothing more is said, so that only the group counts. */
const describeGroup = (what: string, cases: readonly TableCase[], server?: string): void =>
  describeLines(
    what,
    cases,
    lines => groupText(lines, [], server),
    ({config}) => ({members: config.virtualServerGroups[0]?.members}),
  )

const addresses = (first: string, last = first, port = 80): object => ({
  members: [{type: 'addresses', first, last, port}],
})
const EMPTY = {members: undefined}
/** The line, and that nothing is left of the group. */
const bad = (column: number): string => `HC1619 error 1:1, HC1618 error 2:${column}`

describeGroup('a line of a group', [
  ['10.1.0.1 80', addresses('10.1.0.1')],
  ['10.1.0.1-10 80', addresses('10.1.0.1', '10.1.0.10')],
  ['10.1.0.250-10.1.1.5 80', addresses('10.1.0.250', '10.1.1.5')],
  ['10.1.0.1-10.1.0.1 80', addresses('10.1.0.1')],
  ['10.1.0.8/29 80', addresses('10.1.0.8', '10.1.0.15')],
  ['10.1.0.0/31 80', addresses('10.1.0.0', '10.1.0.1')],
  ['10.1.0.1/32 65535', addresses('10.1.0.1', '10.1.0.1', 65_535)],
  ['10.1.0.1 80 90', addresses('10.1.0.1'), 'HC1206 warning 2:13'],
  ['10.0.0.0/8 80', addresses('10.0.0.0', '10.255.255.255'), 'HC1622 warning 2:1'],
  ['10.1.0.1 65536', EMPTY, bad(10)],
  ['10.1.0.1 http', EMPTY, bad(10)],
  ['10.1.0.1:80', EMPTY, bad(1)],
  ['10.1.0.5-5 80', EMPTY, bad(1)],
  ['10.1.0.10-1 80', EMPTY, bad(1)],
  ['10.1.0.5-256 80', EMPTY, bad(1)],
  ['10.1.0.5-x 80', EMPTY, bad(1)],
  ['10.1.0.5-10.1.0.4 80', EMPTY, bad(1)],
  ['10.1.0.1-2001:db8::1 80', EMPTY, bad(1)],
  ['10.1.0.9/29 80', EMPTY, bad(1)],
  ['10.1.0.8/33 80', EMPTY, bad(1)],
  ['10.1.0.8/0 80', EMPTY, bad(1)],
  ['10.1.0.0/24-30 80', EMPTY, bad(1)],
  ['bad', EMPTY, bad(1)],
  ['fwmark x', EMPTY, bad(8)],
  ['fwmark 4294967296', EMPTY, bad(8)],
  ['fwmark 3 foo', EMPTY, bad(10)],
  ['fwmark', EMPTY, 'HC1619 error 1:1, HC1203 error 2:1'],
  ['', EMPTY, 'HC1619 error 1:1'],
  ['10.1.0.1 80;bad', addresses('10.1.0.1'), 'HC1618 error 3:1'],
])

describeGroup(
  'a line of a group over IPv6',
  [
    ['2001:db8::1 80', addresses('2001:db8::1')],
    ['2001:db8::1-5 80', addresses('2001:db8::1', '2001:db8::5')],
    ['2001:db8::1-ffff 80', addresses('2001:db8::1', '2001:db8::ffff')],
    ['2001:db8::1-2001:db8::5 80', addresses('2001:db8::1', '2001:db8::5')],
    ['2001:db8::/120 80', addresses('2001:db8::', '2001:db8::ff')],
    ['2001:db8::1/128 80', addresses('2001:db8::1')],
    ['2001:db8::/64 80', addresses('2001:db8::', '2001:db8::ffff:ffff:ffff:ffff'), 'HC1622 warning 2:1'],
    ['2001:db8::1-1ffff 80', EMPTY, bad(1)],
    ['2001:db8::5-4 80', EMPTY, bad(1)],
    ['2001:db8::/129 80', EMPTY, bad(1)],
  ],
  '2001:db8::9 80',
)

const ADDRESS = '10.1.0.1 80'
const MARK = {type: 'fwmark', mark: 3}

describe('a service by group', () => {
  it.each([
    [[ADDRESS], [], {protocol: 'tcp', family: 4, name: 'group g'}, ''],
    [[ADDRESS, 'fwmark 3'], [], {protocol: 'tcp', family: 4}, ''],
    [['fwmark 3'], ['protocol TCP'], {protocol: undefined}, 'HC1605 error 5:1'],
    [['fwmark 3 inet'], ['protocol TCP'], {protocol: undefined}, 'HC1605 error 5:1'],
    [[ADDRESS, 'fwmark 3'], ['ha_suspend'], {haSuspend: false}, 'HC1605 error 5:1'],
    [[ADDRESS], ['ha_suspend'], {haSuspend: true}, ''],
    [['10.1.0.1'], [], {persistenceTimeoutSeconds: 360}, 'HC1606 error 4:1'],
    [['10.1.0.1'], ['persistence_timeout 9'], {persistenceTimeoutSeconds: 9}, ''],
    [[ADDRESS, '2001:db8::1 80'], [], {family: 4}, ''],
    [[ADDRESS, '2001:db8::1 80'], ['lvs_method TUN'], {family: undefined}, ''],
    [[ADDRESS, '2001:db8::1 80', 'fwmark 3 inet'], [], {family: 4}, ''],
    [[ADDRESS, '2001:db8::1 80', 'fwmark 3'], [], {none: true}, 'HC1620 error 1:1'],
    [['2001:db8::1 80'], [], {family: 4}, 'HC1637 warning 4:1'],
    [['2001:db8::1 80'], ['ip_family inet6'], {none: true}, 'HC1603 error 4:1, HC1608 error 9:1'],
  ])('%j with %j', (lines, own, service, found) => {
    const loaded = parse(groupText(lines, own))
    const moved = found.replaceAll(/(\d+):1/g, (_, line) => `${Number(line) + lines.length - 1}:1`)
    expect(verdict(loaded)).toBe(found.startsWith('HC1620') ? found : moved)
    expect(onlyService(loaded)).toMatchObject(service)
    expectSameAgain(loaded)
  })

  it('keeps marks with their family', () => {
    const {virtualServerGroups: groups} = parse(groupText([ADDRESS, 'fwmark 3', 'fwmark 0 inet6'])).config
    expect(groups[0]?.members).toMatchObject([
      {type: 'addresses'},
      {...MARK, family: undefined},
      {type: 'fwmark', mark: 0, family: 6},
    ])
  })

  it.each([
    ['81', 'HC1607 error 8:1'],
    ['80', ''],
    ['', ''],
  ])('sends packets to port %j by direct routing', (port, found) => {
    const own = ['lvs_method DR', `real_server 10.2.0.1 ${port} {`, '}']
    const loaded = parse(groupText([ADDRESS], own))
    expect(verdict(loaded)).toBe(found.replace('8:1', '6:1'))
    expectSameAgain(loaded)
  })
})

describe('groups', () => {
  it.each([
    ['virtual_server_group {\n10.1.0.1 80\n}', [], 'HC1203 error 1:1'],
    ['virtual_server_group g h {\n10.1.0.1 80\n}', [], 'HC1204 error 1:24'],
    ['virtual_server_group g {\n10.1.0.1 80\n}', ['g'], ''],
    ['virtual_server_group g {\n10.1.0.1 80\n}\nvirtual_server_group g {\n10.1.0.2 80\n}', ['g'], 'HC1621 warning 4:1'],
    ['virtual_server_group g {\n10.1.0.1 80\n}\nvirtual_server_group h {\n10.1.0.1 80\n}', ['g', 'h'], ''],
  ])('%j', (text, names, found) => {
    const loaded = parse(text)
    expect(verdict(loaded)).toBe(found)
    expect(loaded.config.virtualServerGroups.map(({name}) => name)).toEqual(names)
    expectSameAgain(loaded)
  })

  it('say once what is wrong with a group that a service names', () => {
    expect(verdict(parse(groupText([])))).toBe('HC1619 error 1:1')
  })
})
