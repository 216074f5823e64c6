import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {LvsSettings} from '../../../src/agent/channel.ts'
import {Lvs} from '../../../src/agent/check/lvs.ts'
import type {Standing, Standings} from '../../../src/core/check/standing.ts'
import type {ServiceId, ServiceRules} from '../../../src/core/ipvs/model.ts'
import {destinationKey, serviceKey} from '../../../src/core/ipvs/names.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'
import {MemoryTable} from '../../lvs/memory-table.ts'
import {configured, real, service, serviceId} from '../../lvs/rules.ts'

const WEB: ServiceRules = {service: service(), destinations: [real(1), real(2)]}
const TLS: ServiceRules = {service: service(serviceId(443)), destinations: [real(1), real(2)]}

let directory: string
let table: MemoryTable
let notes: JournalEntry[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-standings-'))
  table = new MemoryTable()
  notes = []
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

const settingsOf = (settings: Partial<LvsSettings> = {}): LvsSettings => ({
  stateDirectory: directory,
  services: [configured('192.0.2.1 80', WEB), configured('192.0.2.1 443', TLS)],
  checks: {virtualServers: [], tellsOfStart: false},
  files: {},
  timeouts: undefined,
  flush: false,
  flushAtStop: 'entries',
  daemons: [],
  observing: false,
  ...settings,
})

const newLvs = (): Lvs =>
  new Lvs({open: async () => table, tell: () => {}, journal: entry => notes.push(entry), retryAfterMs: 20})

async function started(standings: Standings = new Map(), settings: Partial<LvsSettings> = {}): Promise<Lvs> {
  const lvs = newLvs()
  await lvs.configure(settingsOf(settings), standings)
  return lvs
}

const OUT: Standing = {type: 'out'}
const INHIBITED: Standing = {type: 'inhibited'}
const weighing = (weight: number): Standing => ({type: 'in', weight})

/** How the real servers 1, 2 … of some services stand. */
const standing = (...services: readonly (readonly [ServiceId, ...Standing[]])[]): Standings =>
  new Map(
    services.map(([id, ...each]) => [
      serviceKey(id),
      new Map(each.map((one, i) => [destinationKey(real(i + 1)), one] as const)),
    ]),
  )

/** "1:1 2:0": the real servers of a service with their weights. */
const shown = (port = 80): string =>
  table.rules
    .filter(({service: {id}}) => id.type === 'address' && id.port === port)
    .flatMap(({destinations}) => destinations.map(({address, weight}) => `${address.slice(7)}:${weight}`))
    .join(' ')

const WEB_ID = WEB.service.id
const TLS_ID = TLS.service.id

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 5))
}

describe('IPVS follows the checks', () => {
  it('from the start', async () => {
    await started(standing([WEB_ID, OUT, INHIBITED]))
    expect([shown(), shown(443)]).toEqual(['2:0', '1:1 2:1'])
  })

  it('without reading or writing what has not changed', async () => {
    const lvs = await started(standing([WEB_ID, weighing(1), weighing(1)]))
    let reads = 0
    const read = (): Promise<never> => {
      reads++
      return Promise.reject(new Error('it is read'))
    }
    table.services = read
    table.service = read
    const asked = table.asked.length
    const file = readFileSync(join(directory, 'lvs.json'), 'utf8')
    await lvs.useStandings(standing([WEB_ID, OUT, weighing(1)]), [WEB_ID])
    expect([shown(), shown(443)]).toEqual(['2:1', '1:1 2:1'])
    await lvs.useStandings(standing([WEB_ID, weighing(5), INHIBITED]), [WEB_ID])
    expect([shown(), shown(443)]).toEqual(['1:5 2:0', '1:1 2:1'])
    expect(table.asked.slice(asked).map(({type}) => type)).toEqual([
      'delete-destination',
      'add-destination',
      'edit-destination',
    ])
    expect(reads).toBe(0)
    expect(readFileSync(join(directory, 'lvs.json'), 'utf8')).toBe(file)
  })

  it('in one turn for all that waits', async () => {
    const lvs = await started()
    const asked = table.asked.length
    const all = Promise.all([
      lvs.useStandings(standing([WEB_ID, OUT, OUT]), [WEB_ID]),
      lvs.useStandings(standing([WEB_ID, OUT, weighing(1)]), [WEB_ID]),
      lvs.useStandings(standing([WEB_ID, OUT, weighing(1)], [TLS_ID, OUT]), [TLS_ID]),
    ])
    await all
    expect([shown(), shown(443)]).toEqual(['2:1', '2:1'])
    expect(table.asked.slice(asked)).toHaveLength(2)
  })

  it('where a reload overtakes what waits', async () => {
    const lvs = await started()
    const earlier = lvs.useStandings(standing([WEB_ID, OUT, OUT]), [WEB_ID])
    const reload = lvs.configure(settingsOf(), standing([WEB_ID, weighing(1), weighing(2)]))
    const later = lvs.useStandings(standing([WEB_ID, weighing(1), OUT]), [WEB_ID])
    await reload
    await Promise.all([earlier, later])
    expect(shown()).toBe('1:1')
    await lvs.configure(settingsOf(), standing([WEB_ID, weighing(1), weighing(2)]))
    expect(shown()).toBe('1:1 2:2')
  })

  it('before orders that wait, and beside what operators hold', async () => {
    const lvs = await started()
    const orders = ['192.0.2.1:80/tcp', '192.0.2.1:443/tcp'].map(name =>
      lvs.call('drainReal', {service: name, real: '10.0.0.2:80'}),
    )
    await Promise.all([...orders, lvs.useStandings(standing([WEB_ID, OUT, weighing(5)]), [WEB_ID])])
    expect([shown(), shown(443)]).toEqual(['2:0', '1:1 2:0'])
    await lvs.useStandings(standing([WEB_ID, weighing(1), OUT]), [WEB_ID])
    expect(shown()).toBe('1:1')
    await lvs.call('undrainReal', {service: '192.0.2.1:80/tcp', real: '10.0.0.2:80'})
    expect(shown()).toBe('1:1')
    await lvs.useStandings(standing([WEB_ID, weighing(1), weighing(5)]), [WEB_ID])
    expect(shown()).toBe('1:1 2:5')
  })

  it('again where the kernel refused, and tells that once', async () => {
    const lvs = await started()
    table.fault = () => ({reason: 'ENOMEM'})
    await lvs.useStandings(standing([WEB_ID, OUT]), [WEB_ID])
    await lvs.useStandings(standing([WEB_ID, OUT], [TLS_ID, OUT]), [TLS_ID])
    expect([shown(), shown(443)]).toEqual(['1:1 2:1', '1:1 2:1'])
    table.fault = () => undefined
    await until(() => shown() === '2:1' && shown(443) === '2:1')
    expect(notes.filter(({kind}) => kind === 'services-failed').length).toBeLessThanOrEqual(2)
  })

  it('and not while it only observes, or when it stops', async () => {
    const lvs = await started()
    await lvs.stop()
    await lvs.useStandings(standing([WEB_ID, OUT]), [WEB_ID])
    expect(table.rules).toEqual([])
    table.fill([WEB])
    const observer = await started(new Map(), {observing: true})
    await observer.useStandings(standing([WEB_ID, OUT]), [WEB_ID])
    expect(shown()).toBe('1:1 2:1')
  })

  it('after a sudden end, with what the next start says', async () => {
    const first = await started()
    await first.useStandings(standing([WEB_ID, OUT, INHIBITED]), [WEB_ID])
    expect(shown()).toBe('2:0')
    await started(standing([WEB_ID, INHIBITED, weighing(3)]), {services: [configured('192.0.2.1 80', WEB)]})
    expect([shown(), shown(443)]).toEqual(['1:0 2:3', ''])
  })

  it('leaves alone what others made of a service', async () => {
    const lvs = await started()
    const foreign = real(9)
    table.fill(table.rules.map(rules => ({...rules, destinations: [...rules.destinations, foreign]})))
    await lvs.useStandings(standing([WEB_ID, OUT, OUT]), [WEB_ID])
    expect(shown()).toBe('9:1')
  })

  it('also where others changed the same', async () => {
    const lvs = await started()
    table.fill([{...WEB, destinations: [real(2)]}, TLS])
    await lvs.useStandings(standing([WEB_ID, OUT, weighing(4)]), [WEB_ID])
    expect(shown()).toBe('2:4')
    table.fill([{...WEB, destinations: [real(1, {weight: 50}), real(2)]}, TLS])
    await lvs.useStandings(standing([WEB_ID, weighing(1), weighing(4)]), [WEB_ID])
    expect(shown()).toBe('1:1 2:4')
    table.fill([TLS])
    await lvs.useStandings(standing([WEB_ID, INHIBITED, weighing(4)]), [WEB_ID])
    expect(shown()).toBe('1:0 2:4')
    expect(notes.filter(({kind}) => kind === 'services-failed')).toEqual([])
  })
})
