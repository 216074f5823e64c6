import {OWNER_PRIORITY} from '../../core/vrrp/config.ts'
import type {InstanceConfig, ResolvedTrack} from '../config.ts'
import type {Lint} from './lint.ts'

/** Lints of priorities, of weights and of taking over. */
export const PRIORITY_LINTS: readonly Lint[] = [
  {
    name: 'owner-unlikely',
    check: (config, remark) => {
      for (const instance of config.instances) {
        const {name, position, priority, source, vips} = instance
        if (priority !== OWNER_PRIORITY || instance.at.priority === undefined) continue
        if (vips.length === 0 || vips.some(({address}) => address === source?.address)) continue
        const message =
          `${name}: priority 255 is for the node that has the virtual addresses as its own: it takes over at once, and ` +
          'neither a script nor a weight ever makes it yield'
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
        const what = weighted.length === 1 ? `the weight of ${first.name}` : `${weighted.length} weights`
        const message =
          `${instance.name}: nopreempt never takes over from a master that is alive, so ${what} of a peer that fails ` +
          'does not bring the addresses here'
        const hint = 'track without a weight, so that a failure is a fault; or remove nopreempt'
        remark(instance.at.preempt ?? instance.position, message, hint)
      }
    },
  },
  {
    name: 'weight-without-effect',
    check: (config, remark) => {
      for (const instance of config.instances) {
        const tracks = weightedTracks(instance)
        const best = instance.priority + tracks.reduce((sum, {weight}) => sum + Math.max(0, weight), 0)
        for (const {name, weight, position} of tracks) {
          if (effective(best) !== effective(best - Math.abs(weight))) continue
          const message =
            `${instance.name}: the weight ${weight} of ${name} changes nothing: the priority is ${effective(best)} ` +
            'whether it fails or not'
          const hint = best > HIGHEST ? `keep priority and weights together below ${HIGHEST + 1}` : 'raise the priority'
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
          `${name}: with advert_int ${advertIntervalMs / 1_000} it takes ${seconds} seconds until a backup notices that ` +
          'the master is gone'
        remark(at.advertIntervalMs, message, 'advert_int is in seconds; 1 is usual')
      }
    },
  },
]

const HIGHEST = 254
const LOWEST = 1
const LONG_INTERVAL_MS = 10_000

/** An effective priority stays within these. */
const effective = (sum: number): number => Math.max(LOWEST, Math.min(HIGHEST, sum))

/** What is tracked whose weight is known; a file adds a number that is only known when it runs. */
const weightedTracks = (instance: InstanceConfig): readonly ResolvedTrack[] =>
  [...instance.trackInterfaces, ...instance.trackScripts, ...instance.trackProcesses, ...instance.trackBfds].filter(
    ({weight}) => weight !== 0,
  )

const tracksOf = (instance: InstanceConfig): readonly ResolvedTrack[] => [
  ...instance.trackInterfaces,
  ...instance.trackScripts,
  ...instance.trackFiles,
  ...instance.trackProcesses,
  ...instance.trackBfds,
]
