import {expect, onTestFinished, test} from 'vitest'
import type {WatchedReal} from '../../src/control/watch-model.ts'
import {UTF8_GLYPHS} from '../../src/tui/glyphs.ts'
import {lineWidth, plainText} from '../../src/tui/lines.ts'
import type {Drawing, ViewQuery} from '../../src/tui/model.ts'
import {CHECKS_VIEW} from '../../src/tui/views/checks.ts'
import {SERVICES_VIEW} from '../../src/tui/views/services.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {NodePicture} from '../../src/watch/model.ts'
import {check, NOW_MS, node, real, realOut, router, service} from '../watch/nodes.ts'
import {largePicture, troubledPicture} from './pictures.ts'
import {show} from './show.ts'

const SERVICE = '10.0.0.10:80/tcp'
const QUERY: ViewQuery = {filter: '', sort: 'problem', open: new Set(), node: 0}
const DRAWING: Drawing = {width: 160, glyphs: UTF8_GLYPHS, node: 0, history: () => []}

async function shown(size: {readonly columns: number; readonly rows: number}) {
  const screen = await show(troubledPicture(), size)
  onTestFinished(screen.close)
  return screen
}

/** Without the title, which has the time. */
const below = (lines: readonly string[], heading: string): readonly string[] =>
  lines
    .slice(lines.findIndex(line => line.includes(heading)))
    .flatMap(line => (line.trim() === '' ? [] : line.trimEnd()))

test('services fold out to real servers, problems first, with the reason', async () => {
  const screen = await shown({columns: 80, rows: 24})
  await screen.type('2', '\r', 'G', '\r')
  expect(below(screen.lines(), 'SERVICE / REAL').slice(0, -1)).toEqual([
    '  SERVICE / REAL SERVER     WGHT  ACTIVE         CONN/S  STATE',
    '  ▾ 10.0.0.51:80/tcp                   8        █     8  ▲ UP  1 of 2 in, on l…',
    '    10.0.0.22:80               1       4        █     8  ✗ OUT  TCP_CHECK: con…',
    '    10.0.0.21:80               1       4        █     8  ✓ IN',
    '❯ ▾ 10.0.0.51:443/tcp                  8        █     8  ▲ UP  1 of 2 in, on l…',
    '    10.0.0.31:443              0       4        █     8  ‖ DRAINED  disk',
    '    10.0.0.32:443              1       4        █     8  ‖ IN  check paused: r…',
  ])
})

test('a wide screen has more columns and whole reasons', async () => {
  const screen = await shown({columns: 160, rows: 50})
  await screen.type('2', '\r')
  expect(screen.line('SERVICE / REAL')).toMatch(/INACTIVE .*IN\/S +OUT\/S +LATENCY +STATE/)
  expect(screen.line('10.0.0.22:80')).toMatch(/✗ OUT {2}TCP_CHECK: connection refused$/)
  expect(screen.line('10.0.0.51:80/tcp')).toContain('▲ UP  1 of 2 in, on lb1')
})

test('the page of a real server has a block for each node, and UNKNOWN for a silent one', async () => {
  const screen = await shown({columns: 120, rows: 50})
  await screen.type('2', 'G', '\r', 'G', '\r')
  const text = screen.lines().join('\n')
  expect(text).toMatch(/real server +10\.0\.0\.32:443/)
  expect(text).toMatch(/paused: renewal, since .* \(1 min ago\), until it is resumed/)
  expect(text).toMatch(/\nlb3 *\nstate +\? UNKNOWN {2}connection refused/)
})

test('checks have the failing ones first, and a page with the reason by node', async () => {
  const screen = await shown({columns: 80, rows: 24})
  await screen.type('3')
  expect(below(screen.lines(), 'REAL SERVER').slice(0, -1)).toEqual([
    '  REAL SERVER          CHECK          SINCE   LATENCY  STATE',
    '❯ 10.0.0.22:80         TCP_CHECK      start      1 ms  ✗ DOWN  connection refu…',
    '  10.0.0.32:443        TCP_CHECK      start      1 ms  ‖ PAUSED, up  paused: r…',
    '  10.0.0.21:80         TCP_CHECK      start      1 ms  ✓ UP',
    '  10.0.0.31:443        TCP_CHECK      start      1 ms  ✓ UP',
  ])
  await screen.type('\r')
  expect(screen.lines().join('\n')).toMatch(
    /lb1 *\ncheck 1 +✗ DOWN {2}TCP_CHECK, last run took 1 ms *\n +connection refused/,
  )
})

test('an order is asked about on the screen and nothing is done before a yes', async () => {
  const screen = await shown({columns: 80, rows: 24})
  await screen.type('3', 'D')
  expect(screen.line('Drain 10.0.0.22:80')).toContain('on lb1 and lb2?')
  await screen.type('x', '\r')
  expect(screen.line('[ No ]')).toContain('❯[ No ]')
  expect(Math.max(...screen.lines().map(line => lineWidth([{text: line}])))).toBeLessThanOrEqual(80)
  await screen.type('n')
  expect(screen.line('nothing was done')).toBeDefined()
})

/** How the real server is shown that nodes say this of. */
function stateShown(reals: readonly (WatchedReal | null)[], fields: Partial<NodePicture> = {}): string {
  const nodes = reals.map((each, at) =>
    node(`lb${at + 1}`, [], {has: [service(each === null ? [] : [each, real('10.0.0.9:80')])], ...fields}),
  )
  const picture = clusterPicture(nodes, NOW_MS)
  const rows = SERVICES_VIEW.rows(picture, {...QUERY, open: new Set([`s/${SERVICE}`])})
  const row = rows.find(({subject}) => subject.type === 'real' && subject.real === '10.0.0.1:80')
  const line = row === undefined ? '' : plainText(row.line({...DRAWING, width: 240}))
  return line.slice(line.search(/[✓✗▲‖■○?·] /)).trimEnd()
}

const of = (fields: Partial<WatchedReal> = {}): WatchedReal => real('10.0.0.1:80', fields)
const held = {since: '2026-01-31T08:00:00.000Z', reason: 'disk', weight: 3}
const sorry = (standing: 'in' | 'out') => of({isSorryServer: true, standing, checks: []})
test.each<[string, string]>([
  [stateShown([of()]), '✓ IN'],
  [stateShown([realOut('10.0.0.1:80')]), '✗ OUT  TCP_CHECK: connection refused'],
  [stateShown([of({standing: 'inhibited', weight: 0})]), '✗ INHIBITED'],
  [stateShown([of({held: {...held, type: 'drained'}})]), '‖ DRAINED  disk'],
  [
    stateShown([realOut('10.0.0.1:80', {held: {...held, type: 'drained'}})]),
    '✗ DRAINED, OUT  TCP_CHECK: connection refused',
  ],
  [stateShown([of({held: {...held, type: 'disabled', reason: null}})]), '‖ DISABLED  by an operator'],
  [stateShown([of({present: false})]), '■ MISSING  not in the table of the kernel'],
  [stateShown([of({present: false})], {servicesProblem: 'no IPVS'}), '? UNKNOWN  no IPVS'],
  [stateShown([of({weight: 0})]), '‖ WEIGHT 0  no new connections'],
  [stateShown([of({standing: null, checks: []})]), '✓ IN  nothing checks it'],
  [stateShown([of({checks: [check({reason: 'timeout after 5 s'})]})]), '▲ IN  TCP_CHECK: timeout after 5 s'],
  [stateShown([sorry('in')]), '▲ SORRY  in use: quorum is lost'],
  [stateShown([sorry('out')]), '○ SORRY  sorry server, not in use'],
  [stateShown([of(), realOut('10.0.0.1:80')]), '✗ OUT  nodes differ: lb1 IN, lb2 OUT (TCP_CHECK: connection refused)'],
  [stateShown([of(), null]), '· ABSENT  nodes differ: lb1 IN, lb2 ABSENT'],
])('a state is said as "%s"', (said, wanted) => {
  expect(said).toBe(wanted)
})

test.each<[string, Parameters<typeof node>[1], readonly WatchedReal[], RegExp]>([
  ['by its holder', [router(1, 'master')], [of()], /✓ UP {2}1 of 1 in, on lb1$/],
  ['without a holder', [router(1, 'backup')], [of()], /✓ UP {2}1 of 1 in, no holder$/],
  ['down', [], [realOut('10.0.0.1:80')], /■ DOWN {2}0 of 1 in$/],
  ['by its sorry server', [], [realOut('10.0.0.1:80'), sorry('in')], /■ SORRY {2}0 of 1 in; the sorry server answers$/],
  ['empty', [], [], /▲ EMPTY {2}no real servers$/],
])('a service that is served %s says so', (_what, routers, reals, wanted) => {
  const picture = clusterPicture([node('lb1', routers, {has: [service(reals)]})], NOW_MS)
  const [row] = SERVICES_VIEW.rows(picture, QUERY)
  expect(plainText(row?.line(DRAWING) ?? []).trimEnd()).toMatch(wanted)
})

test('a filter finds real servers in services that are folded in', () => {
  const picture = troubledPicture()
  const keys = (filter: string) => SERVICES_VIEW.rows(picture, {...QUERY, filter}).map(({key}) => key)
  expect(keys('10.0.0.22')).toEqual(['s/10.0.0.51:80/tcp', 'r/10.0.0.51:80/tcp/10.0.0.22:80'])
  expect(keys('443')).toEqual(['s/10.0.0.51:443/tcp'])
  expect(keys('nothing has this')).toEqual([])
  expect(CHECKS_VIEW.rows(picture, {...QUERY, filter: 'refused'}).map(({key}) => key)).toEqual([
    'c/10.0.0.51:80/tcp/10.0.0.22:80/1',
  ])
})

test('a group has each checker once, however many services it has', () => {
  const has = ['10.0.0.10:80/tcp', '10.0.0.11:80/tcp'].map(name => service([of()], {name, configured: 'group web'}))
  const picture = clusterPicture([node('lb1', [], {has})], NOW_MS)
  expect(CHECKS_VIEW.rows(picture, QUERY).map(({subject}) => subject)).toEqual([
    {type: 'check', service: 'group web', real: '10.0.0.1:80', number: 1},
  ])
})

test('of many, those with problems come first, and no line is wider than the screen', () => {
  const picture = largePicture(30, 50, 10)
  const open = new Set(picture.services.map(({name}) => `s/${name}`))
  const services = SERVICES_VIEW.rows(picture, {...QUERY, open})
  expect(services).toHaveLength(50 * 11)
  const first = services[1]
  expect(plainText(first?.line({...DRAWING, width: 78}) ?? [])).toContain('✗ OUT')
  expect(Math.max(...services.map(row => lineWidth(row.line({...DRAWING, width: 78}))))).toBeLessThanOrEqual(78)
  const checks = CHECKS_VIEW.rows(picture, QUERY)
  expect(checks).toHaveLength(500)
  expect(checks.slice(0, 6).map(row => plainText(row.line(DRAWING)).includes('✗ DOWN'))).toEqual([
    ...Array(5).fill(true),
    false,
  ])
  expect(new Set([...services, ...checks].map(({key}) => key)).size).toBe(50 * 11 + 500)
})

test.each(['problem', 'name', 'connections', 'rate', 'since', 'latency'])('rows sorted by %s are all there', sort => {
  const picture = troubledPicture()
  expect(SERVICES_VIEW.rows(picture, {...QUERY, sort})).toHaveLength(2)
  expect(CHECKS_VIEW.rows(picture, {...QUERY, sort})).toHaveLength(4)
})
