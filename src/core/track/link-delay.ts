import {after, type MonotonicMs} from '../units.ts'

/** How long an interface has to be down, or up, until that counts, milliseconds. */
export interface LinkDelay {
  readonly downMs: number
  readonly upMs: number
}

/** What an interface is held to be, and whether that is about to change. */
export interface DelayedLink {
  readonly up: boolean
  /** Delays begin when it has been up once. */
  readonly seenUp: boolean
  /** Since when it is the other thing; undefined while it is what it is held to be. */
  readonly changedAt: MonotonicMs | undefined
}

/** An interface that nobody has seen yet, or that is gone: it is down at once. */
export const ABSENT_LINK: DelayedLink = {up: false, seenUp: false, changedAt: undefined}

/**
 * Takes in what an interface is now. A change counts when its delay is over and it has not returned; the first up
 * counts at once. keepalived.conf(5), interface_up_down_delays.
 */
export function linkSeen(link: DelayedLink, up: boolean, delay: LinkDelay, now: MonotonicMs): DelayedLink {
  const settled = linkDelayEnded(link, delay, now)
  if (up === settled.up) return {up, seenUp: settled.seenUp || up, changedAt: undefined}
  if (!settled.seenUp) return {up, seenUp: up, changedAt: undefined}
  return linkDelayEnded({...settled, changedAt: settled.changedAt ?? now}, delay, now)
}

/** Lets a delay end; nothing happens before it is over. */
export function linkDelayEnded(link: DelayedLink, delay: LinkDelay, now: MonotonicMs): DelayedLink {
  const deadline = linkDeadline(link, delay)
  if (deadline === undefined || deadline > now) return link
  return {up: !link.up, seenUp: true, changedAt: undefined}
}

/** When a change counts that has begun; a delay that was shortened meanwhile is over earlier. */
export function linkDeadline({up, changedAt}: DelayedLink, {downMs, upMs}: LinkDelay): MonotonicMs | undefined {
  return changedAt === undefined ? undefined : after(changedAt, up ? downMs : upMs)
}

/** Holds delays below what a backup waits, so that it cannot take over before the fault here counts. */
export const withinLimit = ({downMs, upMs}: LinkDelay, limitMs: number): LinkDelay => ({
  downMs: Math.min(downMs, limitMs),
  upMs: Math.min(upMs, limitMs),
})
