import type {InstanceConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {NamedAt} from '../schema/entries.ts'
import type {Item} from '../schema/schema.ts'
import type {GarpGroupSettings} from '../tables/garp-group.ts'
import type {TrackGroupSettings} from '../tables/track-group.ts'
import type {UpDownDelay} from '../tables/up-down-delays.ts'

/** Drops groups without an interval, and interfaces that an earlier group has. */
export function buildGarpGroups(
  groups: readonly Item<GarpGroupSettings>[],
  findings: Findings,
): readonly Item<GarpGroupSettings>[] {
  const taken = new Set<string>()
  return groups.flatMap(group => {
    if (group.garpIntervalMs === undefined && group.gnaIntervalMs === undefined) {
      const message = 'the garp_group has no interval; it is left out'
      findings.report('garp-group-empty', group.position, message, 'garp_interval SECONDS')
      return []
    }
    const free = ({name, position}: NamedAt): boolean => {
      if (!taken.has(name)) {
        taken.add(name)
        return true
      }
      const message = `${name} is in a garp_group already, which counts`
      findings.report('garp-group-shared', position, message, 'name it once')
      return false
    }
    return [
      {...group, singleInterfaces: group.singleInterfaces.filter(free), interfaces: group.interfaces.filter(free)},
    ]
  })
}

/** Drops groups without a member; `instances` are the names of the virtual routers. */
export function buildTrackGroups(
  groups: readonly Item<TrackGroupSettings>[],
  instances: ReadonlySet<string>,
  findings: Findings,
): readonly Item<TrackGroupSettings>[] {
  return groups.filter(({name, position, members}) => {
    for (const member of members) {
      if (instances.has(member.name)) continue
      const message = `track_group ${name}: there is no vrrp_instance ${member.name}`
      findings.report('track-group-member-unknown', member.position, message)
    }
    if (members.length > 0) return true
    const message = `track_group ${name} has no members; it is left out`
    findings.report('track-group-empty', position, message, 'group { INSTANCE }')
    return false
  })
}

/** Reports a second line for one interface, which takes the place of the first. */
export function reportRepeatedInterfaces(block: string, lines: readonly NamedAt[], findings: Findings): void {
  const earlier = new Map<string, NamedAt>()
  for (const line of lines) {
    const first = earlier.get(line.name)
    if (first) {
      const message = `${block}: ${line.name} overrides line ${first.position.line}`
      findings.report('given-again', line.position, message, 'name it once')
    }
    earlier.set(line.name, line)
  }
}

/** Reports delays so long that a backup would take over before its own interface counts as down. */
export function reportLongDelays(
  delays: readonly UpDownDelay[],
  instances: readonly InstanceConfig[],
  findings: Findings,
): void {
  const limits = new Map<string, {readonly ms: number; readonly name: string}>()
  for (const {interface: device, name, downTimerAdverts, advertIntervalMs} of instances) {
    const ms = (downTimerAdverts - 1) * advertIntervalMs
    if (device !== undefined && ms < (limits.get(device)?.ms ?? Number.POSITIVE_INFINITY))
      limits.set(device, {ms, name})
  }
  for (const {name, downMs, upMs, position} of delays) {
    const limit = limits.get(name)
    if (!limit || Math.max(downMs, upMs) < limit.ms) continue
    const message = `${name}: the delay is held below ${limit.ms / 1_000} s, two intervals or so of ${limit.name}`
    findings.report('up-down-delay-long', position, message, 'less than (down_timer_adverts - 1) * advert_int')
  }
}
