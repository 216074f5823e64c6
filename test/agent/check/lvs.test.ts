import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {FromCheck, LvsSettings} from '../../../src/agent/channel.ts'
import {Lvs} from '../../../src/agent/check/lvs.ts'
import type {Override} from '../../../src/control/model.ts'
import type {ServiceRules, SyncDaemon} from '../../../src/core/ipvs/model.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'
import {HactlError} from '../../../src/errors.ts'
import {MemoryTable} from '../../lvs/memory-table.ts'
import {configured, ip, real, service, serviceId} from '../../lvs/rules.ts'

const NAME = '192.0.2.1:80/tcp'
const WEB: ServiceRules = {service: service(), destinations: [real(1), real(2)]}
/** What another program made. */
const FOREIGN: ServiceRules = {service: service(serviceId(443), {scheduler: 'rr'}), destinations: [real(7), real(8)]}
const TIMES = {tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300}

let directory: string
let table: MemoryTable

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-lvs-'))
  table = new MemoryTable()
  table.fill([FOREIGN])
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

interface Run {
  readonly lvs: Lvs
  readonly notes: JournalEntry[]
  readonly told: Extract<FromCheck, {type: 'overrides' | 'flushed'}>[]
  readonly overrides: () => readonly Override[]
}

/** An agent's part that owns IPVS, as it is after its start. */
async function started(settings: Partial<LvsSettings> = {}, open = async () => table): Promise<Run> {
  const notes: JournalEntry[] = []
  const told: Run['told'] = []
  const lvs = new Lvs({
    open,
    tell: message => told.push(message),
    journal: entry => notes.push(entry),
    retryAfterMs: 20,
  })
  await lvs.configure(settingsOf(settings), new Map())
  const overrides = (): readonly Override[] => told.findLast(each => each.type === 'overrides')?.list ?? []
  return {lvs, notes, told, overrides}
}

const settingsOf = (settings: Partial<LvsSettings> = {}): LvsSettings => ({
  stateDirectory: directory,
  services: [configured('192.0.2.1 80', WEB)],
  checks: {virtualServers: [], tellsOfStart: false},
  files: {},
  timeouts: undefined,
  flush: false,
  flushAtStop: 'entries',
  daemons: [],
  observing: false,
  ...settings,
})

const daemon = (role: SyncDaemon['role'], device = 'eth0'): SyncDaemon => ({
  role,
  interface: device,
  syncId: 51,
  maxLengthBytes: undefined,
  group: undefined,
  port: undefined,
  ttl: undefined,
})

const weights = (): readonly string[] =>
  table.rules.flatMap(({destinations}) => destinations.map(({address, weight}) => `${address} ${weight}`))

const kinds = ({notes}: Run): readonly string[] => notes.map(({kind, text}) => `${kind}: ${text}`)

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(HactlError)
  return error
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 5))
}

describe('what is wanted of IPVS', () => {
  it('is put beside what others made, changed by a reload, and removed at the end', async () => {
    const run = await started()
    expect(table.rules).toEqual([FOREIGN, WEB])
    expect(kinds(run)).toEqual(['services-updated: 1 service and 2 real servers added'])

    const other: ServiceRules = {...WEB, destinations: [real(2, {weight: 5}), real(3)]}
    table.asked.length = 0
    await run.lvs.configure(settingsOf({services: [configured('192.0.2.1 80', other)]}), new Map())
    expect(table.asked.map(({type}) => type)).toEqual(['add-destination', 'edit-destination', 'delete-destination'])
    expect(kinds(run).at(-1)).toBe(
      'services-updated: 1 real server added, 1 real server changed, 1 real server removed',
    )

    await run.lvs.stop()
    expect(table.rules).toEqual([FOREIGN])
    expect(table.closed).toBe(true)
  })

  it('is brought about by a start after a sudden end, and nothing else is touched', async () => {
    await started()
    const theirs: ServiceRules = {service: service(serviceId(8080)), destinations: [real(9)]}
    table.fill([FOREIGN, theirs, {...WEB, destinations: [real(1), real(4)]}])
    const wanted: ServiceRules = {service: service(serviceId(81)), destinations: [real(5)]}
    await started({services: [configured('192.0.2.1 81', wanted)]})
    // The service that is wanted no more has a real server that another program gave it.
    expect(table.rules).toEqual([FOREIGN, {...WEB, destinations: [real(4)]}, theirs, wanted])
  })

  it('is tried again when the kernel refused it, which is told once', async () => {
    table.fault = (_, change) => (change.type === 'add-destination' ? {reason: 'ENOMEM'} : undefined)
    const run = await started()
    await until(() => table.asked.length > 8)
    expect(run.notes.filter(({kind}) => kind === 'services-failed')).toHaveLength(1)
    expect(run.notes.find(({kind}) => kind === 'services-failed')?.text).toMatch(/10\.0\.0\.1:80 of 192\.0\.2\.1:80/)
    table.fault = () => undefined
    await until(() => table.rules.length === 2 && table.rules.every(({destinations}) => destinations.length === 2))
    expect(table.rules).toContainEqual(WEB)
    await run.lvs.stop()
  })

  it('waits for a kernel that has no IPVS, which is told once, and calls fail with the reason', async () => {
    let has = false
    const missing = new HactlError('FAILED', 'this kernel has no IPVS: the module ip_vs cannot be loaded')
    const run = await started({}, async () => {
      if (!has) throw missing
      return table
    })
    expect(await refusal(run.lvs.call('lvsServices', {}))).toBe(missing)
    expect(await refusal(run.lvs.call('drainReal', {service: NAME, real: '10.0.0.1'}))).toBe(missing)
    expect(kinds(run)).toEqual([`ipvs-missing: no virtual server works: ${missing.message}`])
    has = true
    await until(() => table.rules.length === 2)
    expect(kinds(run).slice(1)).toEqual([
      'ipvs-back: the kernel has IPVS now',
      'services-updated: 1 service and 2 real servers added',
    ])
    await run.lvs.stop()
  }, 10_000)

  it('is nothing to an observer, who answers what is asked and refuses orders', async () => {
    const run = await started({observing: true, flush: true, timeouts: {...TIMES, tcpSeconds: 5}})
    expect(await refusal(run.lvs.call('zeroLvs', {}))).toMatchObject({code: 'REFUSED'})
    expect(await refusal(run.lvs.call('addService', {service: '192.0.2.9:1/tcp'}))).toMatchObject({code: 'REFUSED'})
    const {value} = await run.lvs.call('lvsServices', {})
    expect(value).toHaveLength(2)
    await run.lvs.stop()
    expect([table.rules, table.asked, table.zeroed, table.times]).toEqual([[FOREIGN], [], [], TIMES])
  })

  it('begins with an empty table where lvs_flush is given, once', async () => {
    const run = await started({flush: true})
    expect(table.rules).toEqual([WEB])
    expect(run.told.filter(({type}) => type === 'flushed')).toHaveLength(1)
    await run.lvs.configure(settingsOf(), new Map())
    expect(table.flushes).toBe(1)
  })

  it.each<[LvsSettings['flushAtStop'], readonly ServiceRules[]]>([
    ['entries', [FOREIGN, {...WEB, destinations: [real(9)]}]],
    ['services', [FOREIGN]],
    ['everything', []],
  ])('goes at the end in the way of lvs_flush_on_stop: %s', async (flushAtStop, left) => {
    const run = await started({flushAtStop})
    table.fill([FOREIGN, {...WEB, destinations: [...WEB.destinations, real(9)]}])
    await run.lvs.stop()
    expect(table.rules).toEqual(left)
  })
})

describe('timeouts', () => {
  // keepalived 2.2.7, measured: what a reload no longer names, and what there was before the start, comes back.
  it('are set, and go back to what they were', async () => {
    const run = await started({timeouts: {...NO_TIMES, tcpSeconds: 1234}})
    expect(table.times).toEqual({...TIMES, tcpSeconds: 1234})
    await run.lvs.configure(settingsOf({timeouts: {...NO_TIMES, udpSeconds: 99}}), new Map())
    expect(table.times).toEqual({...TIMES, udpSeconds: 99})
    await run.lvs.call('setLvsTimeouts', {tcpFin: 7})
    expect(table.times).toEqual({...TIMES, tcpFinSeconds: 7, udpSeconds: 99})
    expect(run.overrides()).toMatchObject([{id: 'lvs-timeouts', text: 'timeouts tcpfin 7 s'}])
    await run.lvs.stop()
    expect(table.times).toEqual(TIMES)
    await started()
    expect(table.times).toEqual({...TIMES, tcpFinSeconds: 7})
  })
})

describe('sync daemons', () => {
  it('follow what they are told, and end', async () => {
    const run = await started({daemons: [daemon('backup')]})
    expect(table.running).toMatchObject([{role: 'backup', interface: 'eth0', syncId: 51}])
    await run.lvs.useDaemons([daemon('master')])
    expect(table.running.map(({role}) => role)).toEqual(['master'])
    expect(kinds(run)).toContain('sync-daemon: sync daemon: backup on eth0 stopped, master on eth0 started')
    await run.lvs.stop()
    expect(table.running).toEqual([])
  })

  it('of others are left alone where the configuration wants none, and those of an earlier run are not', async () => {
    table.running = [daemon('backup')]
    const quiet = await started()
    await quiet.lvs.stop()
    expect(table.running).toHaveLength(1)
    await started({daemons: [daemon('master'), daemon('backup')]})
    await started()
    expect(table.running).toEqual([])
  })

  it('are started later where the interface is not there yet', async () => {
    const run = await started({daemons: [daemon('backup', 'eth9')]})
    expect(kinds(run)).toContain('services-failed: there is no interface eth9')
    await run.lvs.useDaemons([daemon('backup')])
    expect(table.running).toHaveLength(1)
  })

  it('stay as an operator put them until that is taken back', async () => {
    const run = await started({daemons: [daemon('master')]})
    await run.lvs.call('stopSync', {role: 'master'})
    await run.lvs.useDaemons([daemon('backup')])
    await run.lvs.useDaemons([daemon('master')])
    expect(table.running).toEqual([])
    await run.lvs.call('cancelOverride', {id: 'lvs-sync-master'})
    expect(table.running.map(({role}) => role)).toEqual(['master'])
    expect(run.overrides()).toEqual([])
  })
})

describe('what operators order', () => {
  it('is counted whole in the journal, of which it fills a line', async () => {
    const run = await started()
    const text = Array.from({length: 300}, (_, at) => `-A -t 192.0.2.9:${at + 1} -s rr`).join('\n')
    await run.lvs.call('restoreLvs', {text})
    const note = run.notes.find(({kind}) => kind === 'operator')
    expect(note?.text).toBe('IPVS changed: + service 192.0.2.9:1/tcp scheduler rr (and 299 more)')
    expect(note?.facts).toMatchObject({order: 'restoreLvs', count: 300})
  })

  it('is kept over a restart, shown, and taken back', async () => {
    const run = await started()
    await run.lvs.call('drainReal', {service: NAME, real: '10.0.0.1', reason: 'disk'})
    await run.lvs.call('disableReal', {service: NAME, real: '10.0.0.2'})
    expect(weights()).toEqual(['10.0.0.7 1', '10.0.0.8 1', '10.0.0.1 0'])
    expect(kinds(run)).toContain(`operator: IPVS changed: ~ real server 10.0.0.1:80 of ${NAME}: weight 1 -> 0`)
    await run.lvs.stop()

    const next = await started()
    expect(weights()).toEqual(['10.0.0.7 1', '10.0.0.8 1', '10.0.0.1 0'])
    expect(next.overrides()).toMatchObject([{id: `lvs-${NAME}`, kind: 'service', instance: NAME, applies: true}])
    expect(next.overrides()[0]?.text).toMatch(/10\.0\.0\.1:80 .*drained since .*: disk; .*10\.0\.0\.2:80 .*disabled/)
    await next.lvs.call('cancelOverride', {id: `lvs-${NAME}`})
    expect(table.rules).toContainEqual(WEB)
    expect(next.overrides()).toEqual([])
    expect(await refusal(next.lvs.call('cancelOverride', {id: `lvs-${NAME}`}))).toMatchObject({code: 'NOT_FOUND'})
  })

  it('makes what others made ours, and theirs again when it is taken back', async () => {
    const name = '192.0.2.1:443/tcp'
    const run = await started()
    await run.lvs.call('drainReal', {service: name, real: '10.0.0.7:80'})
    expect(weights()).toContain('10.0.0.7 0')
    await run.lvs.call('cancelOverride', {id: `lvs-${name}`})
    expect(table.rules).toEqual([FOREIGN, WEB])
    await run.lvs.stop()
    expect(table.rules).toEqual([FOREIGN])
  })

  it('stays an order when the kernel refuses to take it back', async () => {
    const run = await started()
    await run.lvs.call('disableReal', {service: NAME, real: '10.0.0.1'})
    table.fault = () => ({reason: 'ENOMEM'})
    expect(await refusal(run.lvs.call('cancelOverride', {id: `lvs-${NAME}`}))).toMatchObject({code: 'FAILED'})
    table.fault = () => undefined
    expect(run.overrides()).toHaveLength(1)
    expect(table.rules).toContainEqual({...WEB, destinations: [real(2)]})
  })

  it('is refused when the disk does not take it, and nothing has changed', async () => {
    const run = await started()
    rmSync(directory, {recursive: true})
    const error = await refusal(run.lvs.call('drainReal', {service: NAME, real: '10.0.0.1'}))
    expect(error).toMatchObject({code: 'FAILED', message: expect.stringMatching(/cannot be written, and nothing was/)})
    expect(table.rules).toContainEqual(WEB)
    expect(run.overrides()).toEqual([])
  })

  it('is done by the next start when the end comes between the disk and the kernel', async () => {
    const run = await started()
    // The kernel answers nothing any more, as a process that was killed hears nothing.
    const asked = new Promise<void>(resolve => {
      table.change = () => {
        resolve()
        return new Promise(() => {})
      }
    })
    void run.lvs.call('deleteService', {service: '192.0.2.1:443/tcp'})
    await asked
    delete (table as {change?: unknown}).change
    await started()
    expect(table.rules).toEqual([WEB])
  })

  it('leaves what is gone to whoever makes it again', async () => {
    const run = await started()
    await run.lvs.call('addService', {service: '192.0.2.9:1/tcp'})
    await run.lvs.call('deleteService', {service: '192.0.2.9:1/tcp'})
    const again: ServiceRules = {
      service: service({type: 'address', protocol: 'tcp', address: ip('192.0.2.9'), port: 1}),
      destinations: [],
    }
    table.fill([FOREIGN, WEB, again])
    await started()
    expect(table.rules).toContainEqual(again)
  })
})

const NO_TIMES = {tcpSeconds: 0, tcpFinSeconds: 0, udpSeconds: 0}
