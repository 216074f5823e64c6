import {afterEach, beforeEach, expect, test, vi} from 'vitest'
import {agentText} from '../../src/cli/agent-views.ts'
import {eventLines} from '../../src/cli/event-lines.ts'
import {routerDetails, routerTable, vipTable, whyText} from '../../src/cli/router-views.ts'
import {type Column, table, wrapped} from '../../src/cli/table.ts'
import {fakeAgent, fakeRouter, fakeVip, RECORDS, SEEN_AT} from '../fake-agent.ts'

const COLUMNS: readonly Column<string>[] = [
  {head: 'NAME', cell: name => name, shrinks: true, colour: () => 'green'},
  {head: 'LENGTH', cell: name => String(name.length)},
]

/** Standard output as a terminal of so many columns. */
function terminal(columns: number | undefined): void {
  Object.assign(process.stdout, {isTTY: columns !== undefined, columns})
}

const before = {isTTY: process.stdout.isTTY, columns: process.stdout.columns}
beforeEach(() => {
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('TERM', 'xterm')
})
afterEach(() => {
  vi.unstubAllEnvs()
  Object.assign(process.stdout, before)
})

test('into a pipe: no colour, nothing cut off, no trailing spaces', () => {
  terminal(undefined)
  const long = 'n'.repeat(200)
  expect(table(COLUMNS, ['short', long])).toBe(
    [`NAME${' '.repeat(198)}LENGTH`, `short${' '.repeat(197)}5`, `${long}  200`].join('\n'),
  )
})

test('on a terminal: coloured and cut to its width', () => {
  terminal(20)
  expect(table(COLUMNS, ['n'.repeat(200)])).toBe(`NAME          LENGTH\n\u001b[32m${'n'.repeat(11)}…\u001b[39m  200`)
})

test.each([
  ['NO_COLOR', '1'],
  ['TERM', 'dumb'],
])('%s=%s: no colour on a terminal', (name, value) => {
  terminal(80)
  vi.stubEnv(name, value)
  expect(table(COLUMNS, ['x'])).not.toContain('\u001b')
})

test('a name cannot carry commands to the terminal', () => {
  terminal(80)
  vi.stubEnv('NO_COLOR', '1')
  expect(table(COLUMNS, ['a\u001b[2Jb\nc\u0007\u009b'])).toContain('a?[2Jb?c??')
})

test('a sentence is broken between words, with its later lines indented', () => {
  expect(wrapped('one two three four', {width: 9, indent: 2})).toBe('one two\n  three\n  four')
  expect(wrapped('one two three', {width: Number.POSITIVE_INFINITY, indent: 2})).toBe('one two three')
  expect(wrapped('unbreakable', {width: 3, indent: 2})).toBe('unbreakable')
})

test('every view fits 80 columns with the longest values that are usual', async () => {
  terminal(80)
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
  const name = 'a_rather_long_name_for_a_virtual_router'
  const vip = fakeVip({address: '203.0.113.201', instance: name, interface: 'enp0s31f6.4001', label: 'enp0s31f6:vip'})
  const router = fakeRouter({
    name,
    interface: 'enp0s31f6.4001',
    vrid: 255,
    state: 'backup',
    priority: {base: 100, effective: 254},
    heard: {address: '203.0.113.202', priority: 254, lastSeen: SEEN_AT},
    vips: [vip, vip],
  })
  const status = (await fakeAgent().handlers.status({})).value
  const since = '2025-06-01T00:00:00.000Z'
  const why = {name, state: 'backup', since, because: 'it heard one with a higher priority', chain: RECORDS} as const
  const shown = [
    routerTable([router, router], SEEN_AT),
    routerDetails(router, SEEN_AT),
    vipTable([vip]),
    agentText(status, SEEN_AT),
    whyText(why, SEEN_AT),
    ...RECORDS.flatMap(record => eventLines({type: 'journal', at: SEEN_AT, record})),
  ].join('\n')
  const widths = shown.split('\n').map(line => line.replace(escapes, '').length)
  expect(Math.max(...widths)).toBeLessThanOrEqual(80)
  expect(shown).toContain('\u001b[36mBACKUP\u001b[39m')
})
