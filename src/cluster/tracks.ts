import type {Config} from '../config/config.ts'
import {type TrackedLine, trackedLines} from '../config/router-config.ts'
import {MAX_WEIGHT} from '../config/tables/track-lines.ts'
import type {Track} from '../core/track/tracking.ts'
import type {Member} from './node.ts'

/** One thing that a virtual router tracks, itself or by its sync group. */
export type MemberTrack = TrackedLine

/** Everything that a member tracks, as the agent has it. */
export const tracksOf = ({instance, group}: Pick<Member, 'instance' | 'group'>): readonly MemberTrack[] =>
  trackedLines(instance, group)

/** Something tracked, in words: "script chk_nginx". */
export const labelOf = ({kind, name}: Pick<MemberTrack, 'kind' | 'name'>): string => `${kind} ${name}`

/** How long it takes until a change is noticed, at most, milliseconds: what was configured to wait for, and no more. */
export function noticedAfterMs(
  {kind, name}: Pick<MemberTrack, 'kind' | 'name'>,
  {scripts, trackProcesses, bfdInstances, upDownDelays}: Config,
  change: 'fails' | 'returns',
): number {
  const fails = change === 'fails'
  switch (kind) {
    case 'script': {
      const script = scripts.find(each => each.name === name)
      return script ? script.intervalMs * (fails ? script.fall : script.rise) : 0
    }
    case 'process': {
      const process = trackProcesses.find(each => each.name === name)
      return (fails ? process?.terminateDelayMs : process?.forkDelayMs) ?? process?.delayMs ?? 0
    }
    case 'bfd': {
      const session = bfdInstances.find(each => each.name === name)
      if (!session) return 0
      // RFC 5880 section 6.8.4, with a peer that has the same intervals.
      return fails ? session.multiplier * Math.max(session.minReceiveMs, session.minTransmitMs) : session.idleTransmitMs
    }
    case 'interface': {
      const delay = upDownDelays.find(each => each.name === name)
      return (fails ? delay?.downMs : delay?.upMs) ?? 0
    }
    case 'file':
      return 0
  }
}

/**
 * A track as the machine takes it. What a file holds is not known; one that fails is taken to hold whatever makes the
 * priority as low as it can be.
 */
export function asTrack(track: MemberTrack, verdict: 'good' | 'bad'): Track {
  const {kind, weight, reverse} = track
  const label = labelOf(track)
  if (kind !== 'file') return {kind, label, weight, reverse, verdict, detail: undefined}
  const value = verdict === 'good' ? 0 : weight === 0 ? 1 : -MAX_WEIGHT
  return {kind, label, weight: Math.min(1, Math.abs(weight)), reverse: false, verdict, value, detail: undefined}
}

/** What a thing is while all is well for the one that tracks it. */
export const healthyVerdict = ({kind, reverse}: MemberTrack): 'good' | 'bad' =>
  reverse && kind !== 'interface' && kind !== 'file' ? 'bad' : 'good'
