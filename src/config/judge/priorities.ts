import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {Config, InstanceConfig, Position, ResolvedTrack} from '../config.ts'
import type {Lint} from './lint.ts'

/** Lints of priorities, of weights and of taking over. */
export const PRIORITY_LINTS: readonly Lint[] = [
  {
    name: 'owner-unlikely',
    check: (config, remark) => {
      for (const instance of config.instances) {
        const {name, position, priority, source, vips} = instance
        if (priority !== OWNER_PRIORITY || instance.at.priority === undefined) continue
        const own = new Set([source?.address, ...config.staticAddresses.map(({address}) => address)])
        if (vips.length === 0 || vips.some(({address}) => own.has(address))) continue
        const message =
          `${name}: priority 255 is for the node that has the virtual addresses as its own: ` +
          'it takes over at once, and no weight of what it tracks ever lowers it'
        remark(instance.at.priority ?? position, message, 'use 254 or less unless the addresses are also set at boot')
      }
    },
  },
  {
    name: 'nopreempt-with-weights',
    check: (config, remark) => {
      for (const instance of config.instances) {
        const weighted = tracksOf(instance).filter(({weight}) => weight !== 0)
        const [first] = weighted
        if (instance.preempt || !first) continue
        const what = weighted.length === 1 ? `the weight of ${first.name} makes` : `weights (${first.name}, …) make`
        const message =
          `${instance.name}: nopreempt never takes over from a live master, so when ${what} ` +
          "a peer's priority fall, the addresses stay there"
        const hint = 'track without a weight, so that a failure is a fault; or remove nopreempt'
        remark(instance.at.preempt ?? instance.position, message, hint)
      }
    },
  },
  {
    name: 'weight-without-effect',
    check: (config, remark) => {
      for (const instance of config.instances) {
        const tracks = weightedTracks(instance, config)
        const best = instance.priority + highest(instance)
        for (const {name, weight, position, change} of tracks) {
          if (effective(best) !== effective(best + change)) continue
          const message =
            `${instance.name}: while all else is well, the weight ${weight} of ${name} changes nothing: ` +
            `the priority is ${effective(best)} whether it fails or not`
          const hint = best > LOWEST ? `keep priority and weights together below ${HIGHEST + 1}` : 'raise the priority'
          remark(position, message, hint)
        }
      }
    },
  },
  {
    name: 'advert-int-long',
    check: (config, remark) => {
      for (const {name, advertIntervalMs, downTimerAdverts, priority, at} of config.instances) {
        if (advertIntervalMs < LONG_INTERVAL_MS || at.advertIntervalMs === undefined) continue
        // Master down interval of RFC 9568 section 6.1, with the skew of this priority.
        const seconds = Math.round((advertIntervalMs * (downTimerAdverts + (256 - priority) / 256)) / 1_000)
        const message =
          `${name}: with advert_int ${advertIntervalMs / 1_000} it takes ${seconds} seconds ` +
          'until a backup notices that the master is gone'
        remark(at.advertIntervalMs, message, 'advert_int is in seconds; 1 is usual')
      }
    },
  },
]

const HIGHEST = 254
const LOWEST = 1
const LONG_INTERVAL_MS = 10_000

/** What weights add while everything is as it should be. */
const highest = (instance: InstanceConfig): number =>
  tracksOf(instance).reduce((sum, track) => sum + whileWell(track), 0)

/** A weight above 0 counts while all is well, and one below 0 after a failure; `reverse` turns the sign of either. */
const whileWell = ({weight, reverse}: ResolvedTrack): number => (weight > 0 ? signed(weight, reverse) : 0)
const afterFailure = ({weight, reverse}: ResolvedTrack): number => (weight < 0 ? signed(weight, reverse) : 0)
const signed = (weight: number, reverse: boolean): number => (reverse ? -weight : weight)

/** An effective priority stays within these. */
const effective = (sum: number): number => Math.max(LOWEST, Math.min(HIGHEST, sum))

/** What changes the priority as one. */
interface Weighted {
  readonly name: string
  readonly position: Position
  readonly weight: number
  /** What is added to the priority when it fails. */
  readonly change: number
}

/**
 * What is tracked whose weight is known; a file adds a number that is only known when it runs. Scripts that run one
 * program fail together, and count as one.
 */
function weightedTracks(instance: InstanceConfig, {scripts}: Config): readonly Weighted[] {
  const programs = new Map(scripts.map(({name, command}) => [name, command.argv.join('\0')]))
  const found = new Map<string, Weighted>()
  const add = (kind: string, key: string, track: ResolvedTrack): void => {
    const {name, position, weight} = track
    if (weight === 0) return
    const same = found.get(`${kind} ${key}`)
    const change = afterFailure(track) - whileWell(track) + (same?.change ?? 0)
    found.set(`${kind} ${key}`, {name, position, weight, ...same, change})
  }
  for (const track of instance.trackScripts) add('script', programs.get(track.name) ?? track.name, track)
  for (const track of instance.trackInterfaces) add('interface', track.name, track)
  for (const track of instance.trackProcesses) add('process', track.name, track)
  for (const track of instance.trackBfds) add('bfd', track.name, track)
  return [...found.values()]
}

const tracksOf = (instance: InstanceConfig): readonly ResolvedTrack[] => [
  ...instance.trackInterfaces,
  ...instance.trackScripts,
  ...instance.trackFiles,
  ...instance.trackProcesses,
  ...instance.trackBfds,
]
