import type {InstanceConfig, ResolvedTrack, SyncGroupConfig} from '../config.ts'
import type {Findings} from '../findings.ts'
import type {NamedAt} from '../schema/entries.ts'
import type {Item} from '../schema/schema.ts'
import type {SyncGroupSettings} from '../tables/sync-group.ts'
import type {InstanceSettings} from '../tables/vrrp-instance.ts'
import {definitionHint} from './definition-hint.ts'
import {type Report, reporter} from './reporter.ts'
import {resolveTracks, type Trackables} from './resolve-tracks.ts'

/** Resolves the members of sync groups, and drops groups without any. keepalived.conf(5). */
export function buildSyncGroups(
  groups: readonly Item<SyncGroupSettings>[],
  instances: readonly InstanceConfig[],
  trackables: Trackables,
  findings: Findings,
): readonly SyncGroupConfig[] {
  const byName = new Map(instances.map(instance => [instance.name, instance]))
  const taken = new Map<string, string>()
  return groups.flatMap(group => {
    const report = reporter<SyncGroupSettings>(group, findings)
    const members = group.members.filter(member => joins(member, group.name, byName, taken, report))
    if (members.length === 0) {
      report('group-empty', 'members', 'left out: it has no member', 'group { NAME NAME … }')
      return []
    }
    if (members.length === 1) {
      report('group-single', 'members', `${members[0]?.name} is its only member`, 'a group has two or more')
    }
    const tracker = {order: group.order}
    return [{...group, members, ...resolveTracks(group, trackables, tracker, report)}]
  })
}

function joins(
  {name, position}: NamedAt,
  group: string,
  byName: ReadonlyMap<string, InstanceConfig>,
  taken: Map<string, string>,
  report: Report<SyncGroupSettings>,
): boolean {
  if (!byName.has(name)) {
    const hint = definitionHint('vrrp_instance', name, byName.keys())
    report('group-member-unknown', position, `there is no vrrp_instance ${name}; it is left out`, hint)
    return false
  }
  const other = taken.get(name)
  if (other !== undefined) {
    const where = other === group ? 'listed twice' : `a member of ${other} already`
    report('group-member-twice', position, `${name} is ${where}; it is left out here`)
    return false
  }
  taken.set(name, group)
  return true
}

/**
 * A member of a group without sync_group_tracking_weight does not change its priority alone: what it tracks with a
 * weight is not tracked, and its interfaces count without one. keepalived leaves processes as they are.
 */
export function withoutWeights(instance: InstanceConfig, findings: Findings): InstanceConfig {
  const report = reporter<InstanceSettings>(instance, findings)
  const drop = ({name, weight, position}: ResolvedTrack, then: string): void => {
    const message = `the weight ${weight} of ${name} does not go with its sync group; ${then}`
    report('track-weight-in-group', position, message, 'add sync_group_tracking_weight to the group')
  }
  const unweighted = (tracks: readonly ResolvedTrack[]): readonly ResolvedTrack[] =>
    tracks.filter(track => {
      if (track.weight !== 0) drop(track, 'it is not tracked')
      return track.weight === 0
    })
  return {
    ...instance,
    trackInterfaces: instance.trackInterfaces.map(track => {
      if (track.weight === 0) return track
      drop(track, 'its failure is a fault')
      return {...track, weight: 0, reverse: false}
    }),
    trackScripts: unweighted(instance.trackScripts),
    trackFiles: unweighted(instance.trackFiles),
    trackBfds: unweighted(instance.trackBfds),
  }
}
