import type {Findings} from '../findings.ts'
import type {NamedAt} from '../schema/entries.ts'
import type {Item} from '../schema/schema.ts'
import type {GarpGroupSettings} from '../tables/garp-group.ts'
import type {TrackGroupSettings} from '../tables/track-group.ts'

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
