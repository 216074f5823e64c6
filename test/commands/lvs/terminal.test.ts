import {describe, expect, test} from 'vitest'
import type {LvsHandlers} from '../../../src/control/routes.ts'
import {hasTerminals, runInTerminal, type Typed} from '../run-in-terminal.ts'
import {lvsAgent} from './run-lvs.ts'

const SERVICE = '192.0.2.1:80/tcp'
const REAL = '10.0.0.1:80'
const NO = '\u0003'
const END = '\u0004'

/** Runs `hactl lvs …` in a terminal, with somebody who types. */
async function typedLvs(line: string, typed: readonly Typed[], overrides: Partial<LvsHandlers> = {}) {
  const {socketPath, calls} = await lvsAgent(overrides)
  const outcome = await runInTerminal(['lvs', ...line.split(' ')], {env: {HACTL_SOCKET: socketPath}, typed})
  return {...outcome, calls: calls.filter(call => !call.startsWith('lvsServices'))}
}

const name = hasTerminals ? 'in a terminal' : 'in a terminal (skipped: there is no script(1))'
describe.skipIf(!hasTerminals)(name, () => {
  test('a service and a real server are chosen by number or by name', async () => {
    const {code, shown, calls} = await typedLvs('undrain-real', [
      [/service \(number or name\): /, '1\r'],
      [/real server \(number or name\): /, '10.0.0.2:80\r'],
    ])
    expect(code).toBe(0)
    expect(shown).toContain(
      '  1  192.0.2.1:80/tcp      group web\n  2  [2001:db8::1]:53/udp  2001:db8::1 53\n  3  fwm/5\n',
    )
    expect(shown).toContain('  2  10.0.0.2:80  drained, active connections: 5\n')
    expect(calls).toEqual([`undrainReal {"service":"${SERVICE}","real":"10.0.0.2:80"}`])
  })

  test('what is new is typed', async () => {
    const {code, calls} = await typedLvs('add-real', [
      [/service \(number or name\): /, `${SERVICE}\r`],
      [/new real server \(such as 10\.0\.0\.1:80\): /, `${REAL}\r`],
    ])
    expect(code).toBe(0)
    expect(calls).toEqual([`addReal {"service":"${SERVICE}","real":"${REAL}"}`])
  })

  test('the role and the interface of a sync daemon are typed', async () => {
    const {code, calls} = await typedLvs('sync start', [
      [/role .*: /, 'backup\r'],
      [/interface .*: /, 'eth1\r'],
    ])
    expect(code).toBe(0)
    expect(calls).toEqual(['startSync {"role":"backup","interface":"eth1"}'])
  })

  test('a number that is not offered, and no answer, are usage errors', async () => {
    const wrong = await typedLvs('show', [[/name\): /, '9\r']])
    expect(wrong.code).toBe(2)
    expect(wrong.shown).toContain('hactl: there is no number 9\n  1 to 3\n')
    const none = await typedLvs('undrain-real', [[/name\): /, '\r']])
    expect(none).toMatchObject({code: 2, calls: []})
    expect(none.shown).toContain('hactl: no service was named')
  })

  test('where there is no service, none is chosen', async () => {
    const {code, shown} = await typedLvs('show', [], {lvsServices: () => ({observedAt: '', value: []})})
    expect(code).toBe(5)
    expect(shown).toContain('hactl: there is no service\n')
  })

  test('what would be hit is shown before it is asked; yes does it', async () => {
    const {code, shown, calls} = await typedLvs(`delete-real ${SERVICE} ${REAL}`, [[/\[y\/N\] /, 'y\r']])
    expect(code).toBe(0)
    expect(shown).toMatch(
      /^- real server 10\.0\.0\.1:80 of 192\.0\.2\.1:80\/tcp\nActive connections: 12\. Delete 10\.0\.0\.1:80 from .*\? \[y\/N\] y\n/,
    )
    expect(calls.map(call => call.includes('"dryRun":true'))).toEqual([true, false])
  })

  test.each<[string, string, number]>([
    ['no', 'n\r', 7],
    ['nothing', '\r', 7],
    ['something else', 'yess\r', 7],
    ['the end of input', END, 7],
    ['Ctrl-C', NO, 130],
  ])('%s changes nothing', async (_, keys, exit) => {
    const {code, calls} = await typedLvs('flush', [[/\[y\/N\] /, keys]])
    expect(code).toBe(exit)
    expect(calls).toEqual(['flushLvs {"dryRun":true}'])
  })

  test('a long list of changes is cut before the question', async () => {
    const changes = Array.from({length: 60}, (_, at) => `- service 192.0.2.1:${at + 1}/tcp`)
    const flushLvs = () => ({observedAt: '', value: {changes, moreChanges: 5, applied: false, activeConnections: 0}})
    const {shown} = await typedLvs('flush', [[/\[y\/N\] /, 'n\r']], {flushLvs})
    expect(shown).toContain('- service 192.0.2.1:50/tcp\n… and 15 more\nActive connections: 0.')
  })

  test('the list fits 80 columns', async () => {
    const {code, shown} = await typedLvs('list', [])
    expect(code).toBe(0)
    const widths = shown.split('\n').map(line => line.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(80)
    expect(shown).toContain('drained (kerne…')
  })

  test('a wait shows what is still there', async () => {
    const {shown} = await typedLvs(`drain-real ${SERVICE} 10.0.0.2:80 --wait`, [[/still has 5 active connections/, NO]])
    expect(shown).toContain('hactl: 10.0.0.2:80 of 192.0.2.1:80/tcp stays drained')
  })
})
