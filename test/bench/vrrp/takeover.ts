import {crash} from '../../lab/daemon.ts'
import {takeoverMs} from '../../lab/formula.ts'
import {localAddresses} from '../../lab/proc.ts'
import {sleep} from '../../lab/wait.ts'
import {type Crowd, INTERVAL_MS, mastersAre, startNode, vipsOf, WORSE_PRIORITY} from './crowd.ts'

/** When the addresses of a crowd were on the other node after a crash, milliseconds. */
export interface Takeover {
  /** First and last address, since the crash, by the first gratuitous ARP for each. */
  readonly announced: readonly [number, number]
  /** The same, by the addresses of the host. */
  readonly present: readonly [number, number]
  /** The latest over the formula of its virtual router: first advertisement, address announced, address there. */
  readonly advertLateMs: number
  readonly announcedLateMs: number
  readonly presentLateMs: number
}

const FORMULA_MS = takeoverMs({version: 3, intervalMs: INTERVAL_MS, priority: WORSE_PRIORITY})
/** Looking takes a millisecond or two when there are many addresses, of the same machine. */
const LOOK_EVERY_MS = 10
/** Bursts of gratuitous ARP are over by then. */
const REST_MS = 8_000

/** Crashes the master of a crowd at rest, measures, and brings it back. */
export async function measureTakeover(crowd: Crowd): Promise<Takeover> {
  const {better, worse, capture, vrids} = crowd
  if (!better.daemon) throw new Error('nothing to crash')
  const crashedAtMs = Date.now()
  await crash(better.daemon)
  better.daemon = undefined
  const presentAt = await watchAddresses(crowd, crashedAtMs)
  const first = await mastersAre(crowd, worse, crashedAtMs)
  await capture.settle()
  const last = new Map(capture.adverts({source: better.address}).map(({vrid, atMs}) => [vrid, atMs]))
  const announcedAt = new Map<string, number>()
  for (const packet of capture.packets) {
    if (packet.kind !== 'arp' || packet.atMs < crashedAtMs || packet.sourceMac !== worse.mac) continue
    if (packet.sender === packet.target && !announcedAt.has(packet.target)) announcedAt.set(packet.target, packet.atMs)
  }
  const dueOf = (vrid: number): number => (last.get(vrid) ?? Number.NaN) + FORMULA_MS
  const bounds = (atMs: ReadonlyMap<string, number>): readonly [number, number] => {
    const times = vrids.flatMap(vrid => vipsOf(vrid).map(vip => (atMs.get(vip) ?? Number.NaN) - crashedAtMs))
    return [Math.min(...times), Math.max(...times)]
  }
  const latest = (atMs: ReadonlyMap<string, number>): number =>
    Math.max(...vrids.flatMap(vrid => vipsOf(vrid).map(vip => (atMs.get(vip) ?? Number.NaN) - dueOf(vrid))))
  const result: Takeover = {
    announced: bounds(announcedAt),
    present: bounds(presentAt),
    advertLateMs: Math.max(...vrids.map(vrid => (first.get(vrid)?.atMs ?? Number.NaN) - dueOf(vrid))),
    announcedLateMs: latest(announcedAt),
    presentLateMs: latest(presentAt),
  }
  const backMs = Date.now()
  await startNode(crowd, better)
  await mastersAre(crowd, better, backMs)
  await sleep(REST_MS)
  return result
}

/** When each address of the crowd was first seen on the worse node. */
async function watchAddresses({worse, vrids}: Crowd, crashedAtMs: number): Promise<ReadonlyMap<string, number>> {
  const missing = new Set<string>(vrids.flatMap(vrid => vipsOf(vrid)))
  const seen = new Map<string, number>()
  const giveUpAtMs = crashedAtMs + FORMULA_MS + 20_000
  while (Date.now() < giveUpAtMs) {
    const there = localAddresses(worse.host.entrance.pid)
    const nowMs = Date.now()
    for (const vip of missing) {
      if (!there.has(vip)) continue
      seen.set(vip, nowMs)
      missing.delete(vip)
    }
    if (missing.size === 0) return seen
    await sleep(LOOK_EVERY_MS)
  }
  throw new Error(`${missing.size} addresses did not come to the other node`)
}
