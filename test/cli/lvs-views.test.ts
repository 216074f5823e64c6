import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {columnsNamed, isMissing, realState} from '../../src/cli/lvs-columns.ts'
import {difference} from '../../src/cli/lvs-rates.ts'
import {rulesOf, savedDocument, savedText} from '../../src/cli/lvs-rules.ts'
import {serviceTree, sortedReals, sortedServices} from '../../src/cli/lvs-tree.ts'
import {realDetails} from '../../src/cli/lvs-views.ts'
import {shortNumber} from '../../src/core/format.ts'
import {fakeCounters, fakeReal, fakeService, otherServices} from '../fake-lvs.ts'

const before = {isTTY: process.stdout.isTTY, columns: process.stdout.columns}
beforeEach(() => {
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('TERM', 'xterm')
})
afterEach(() => {
  vi.unstubAllEnvs()
  Object.assign(process.stdout, before)
})

test.each([
  [0, '0'],
  [9_999, '9999'],
  [12.34, '12.3'],
  [10_000, '10.0K'],
  [12_345, '12.3K'],
  [99_949, '99.9K'],
  [99_950, '100K'],
  [999_499, '999K'],
  [999_500, '1.00M'],
  [1_234_567, '1.23M'],
  [987_654_321, '988M'],
  [Number.MAX_SAFE_INTEGER, '9.01P'],
  [2 ** 64, '18.4E'],
])('%d is shortened to %s', (value, text) => expect(shortNumber(value)).toBe(text))

// ipvsadm 1.31, measured: by family, protocol, address and port, then marks.
test('services come in the order of ipvsadm', () => {
  const service = (name: string, fields: object) => fakeService({name, mark: null, ...fields})
  const ordered = [
    service('9.0.0.1:8/tcp', {address: '9.0.0.1', port: 8}),
    service('9.0.0.1:90/tcp', {address: '9.0.0.1', port: 90}),
    service('10.0.0.1:80/tcp', {address: '10.0.0.1', port: 80}),
    service('10.0.0.1:80/udp', {address: '10.0.0.1', port: 80, protocol: 'udp'}),
    service('10.0.0.1:80/sctp', {address: '10.0.0.1', port: 80, protocol: 'sctp'}),
    service('[::2]:80/tcp', {address: '::2', port: 80, family: 6}),
    service('fwm/5', {address: null, port: null, protocol: null, mark: 5}),
    service('fwm6/5', {address: null, port: null, protocol: null, mark: 5, family: 6}),
    service('fwm/10', {address: null, port: null, protocol: null, mark: 10}),
  ]
  const names = ordered.map(({name}) => name)
  for (let seed = 1; seed <= 50; seed++) {
    const mixed = ordered.toSorted(
      (a, b) => Math.sin(seed * names.indexOf(a.name)) - Math.sin(seed * names.indexOf(b.name)),
    )
    expect(sortedServices(mixed).map(({name}) => name)).toEqual(names)
  }
})

test('sorted by a column, the largest number comes first and equals stay in order', () => {
  const real = (address: string, activeConnections: number) => fakeReal({address, name: address, activeConnections})
  const reals = [real('10.0.0.10', 5), real('10.0.0.9', 5), real('10.0.0.1', 3), real('10.0.0.2', 7)]
  expect(sortedReals(reals, 'active').map(({name}) => name)).toEqual(['10.0.0.2', '10.0.0.9', '10.0.0.10', '10.0.0.1'])
  expect(sortedReals(reals).map(({name}) => name)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.9', '10.0.0.10'])
})

test('on a terminal every line of the tree fits, and states are coloured', () => {
  Object.assign(process.stdout, {isTTY: true, columns: 80})
  const long = fakeService({
    name: '[2001:db8:1234:5678:9abc:def0:1234:5678]:65535/sctp',
    address: '2001:db8:1234:5678:9abc:def0:1234:5678',
    drift: 'scheduler rr in place of wrr, persistent 300 in place of none',
  })
  const text = serviceTree([...otherServices(), long], {
    columns: columnsNamed('--columns', 'method,weight,active,state'),
  })
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
  const widths = text.split('\n').map(line => line.replace(escapes, '').length)
  expect(Math.max(...widths)).toBeLessThanOrEqual(80)
  expect(text).toContain(':65535/sctp')
  expect(text).toContain('\u001b[31mmissing')
  expect(text).toContain('\u001b[36mforeign')
  expect(text).toContain('\u001b[33mdrained')
})

test('what an operator wrote cannot carry commands to the terminal', () => {
  const held = {type: 'disabled', since: '2026-01-31T08:02:07.000Z', reason: 'a\u001b[2Jb\nc', weight: 1} as const
  const service = fakeService({realServers: [fakeReal({present: false, held})]})
  expect(serviceTree([service], {columns: ['name', 'state']})).toContain('disabled (a?[2Jb?c)')
  expect(realDetails([service], '2026-01-31T08:05:07.000Z')).toContain('(3 min ago): a?[2Jb?c')
})

test('ten thousand services with their real servers are laid out at once', () => {
  const services = Array.from({length: 10_000}, (_, at) =>
    fakeService({name: `10.1.${at >> 8}.${at & 255}:80/tcp`, address: `10.1.${at >> 8}.${at & 255}`}),
  )
  expect(serviceTree(services, {columns: ['name', 'weight', 'active']}).split('\n')).toHaveLength(30_001)
})

test('the difference of two looks: what is new or was zeroed counts from zero, what is gone is left out', () => {
  const at = (name: string, connections: number) =>
    fakeService({name, realServers: [], counters: fakeCounters({connections, packetsIn: 0})})
  const after = [at('grown', 150), at('zeroed', 4), at('new', 10)]
  const {reply, services} = difference({
    before: [at('grown', 100), at('zeroed', 1_000), at('gone', 7)],
    after: {apiVersion: 'v1', kind: 'LvsService', observedAt: '', items: after},
    seconds: 4,
  })
  expect(reply.items.map(({name, counted}) => [name, counted.connections])).toEqual([
    ['grown', 50],
    ['zeroed', 4],
    ['new', 10],
  ])
  expect(services.map(({counters}) => counters.connectionRate)).toEqual([12.5, 1, 2.5])
})

test('saved are the rules that the kernel has, and nothing that is only wanted', () => {
  const services = [...otherServices(), fakeService()]
  expect(savedText(services)).toBe(
    [
      '-A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0',
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 3',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 0',
      '-A -u [2001:db8::1]:53 -s rr -o',
      '-A -f 5 -s sh -b sh-fallback,sh-port',
      '-a -f 5 -r 10.0.0.9:0 -i -w 3 -x 1000 -y 500 --tun-type gue --tun-port 6080 --tun-csum',
      '',
    ].join('\n'),
  )
  expect(savedDocument(services).services.map(({name}) => name)).toEqual([
    '192.0.2.1:80/tcp',
    '[2001:db8::1]:53/udp',
    'fwm/5',
  ])
  expect(rulesOf([fakeService({present: false})])).toEqual([])
})

test.each([
  fakeService({address: 'something else'}),
  fakeService({protocol: null, mark: null}),
  fakeService({schedulerFlags: ['sh-port']}),
  fakeService({realServers: [fakeReal({address: 'x'})]}),
])('what an agent of another version tells is refused, not guessed', service => {
  expect(() => rulesOf([service])).toThrow(/which is not known/)
})

test.each([
  ['nobody checks', {checked: null}, '-', false],
  ['is in', {checked: {standing: 'in', isSorryServer: false}}, '-', false],
  ['is inhibited', {checked: {standing: 'inhibited', isSorryServer: false}}, 'inhibited', false],
  ['is out', {present: false, checked: {standing: 'out', isSorryServer: false}}, 'out', false],
  ['should be in', {present: false, checked: {standing: 'in', isSorryServer: false}}, 'missing', true],
  ['is not needed', {present: false, checked: {standing: 'out', isSorryServer: true}}, 'sorry server', false],
  ['stands in', {checked: {standing: 'in', isSorryServer: true}}, 'sorry server in use', false],
] as const)('the state of a real server that %s', (_what, fields, state, missing) => {
  const real = fakeReal(fields)
  expect([realState(real), isMissing(real)]).toEqual([state, missing])
})

test('what checks keep out of the kernel is no fault of it, and not in red', () => {
  const checked = {standing: 'out', isSorryServer: false} as const
  const service = fakeService({realServers: [fakeReal({present: false, checked})]})
  const details = realDetails([service], '2026-01-31T09:00:00.000Z')
  expect(details).toContain('not in the kernel: hactl check show tells why')
  expect(details).not.toContain('missing')
  const red = '\u001b[31m'
  Object.assign(process.stdout, {isTTY: true, columns: 200})
  const tree = (fields: object): string =>
    serviceTree([fakeService({realServers: [fakeReal({present: false, ...fields})]})], {columns: ['name', 'state']})
  expect(tree({checked: null})).toContain(red)
  expect(tree({checked})).not.toContain(red)
})
