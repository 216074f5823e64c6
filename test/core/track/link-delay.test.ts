import {describe, expect, it} from 'vitest'
import {
  ABSENT_LINK,
  type DelayedLink,
  linkDeadline,
  linkDelayEnded,
  linkSeen,
  withinLimit,
} from '../../../src/core/track/link-delay.ts'
import {monotonicMs} from '../../../src/core/units.ts'

const DELAY = {downMs: 500, upMs: 2_000}

/** What an interface is held to be at the last moment, after it was seen up (+) or down (-) at the moments given. */
function heldAt(history: string, at: number): boolean {
  let link: DelayedLink = ABSENT_LINK
  for (const seen of history.split(' ')) {
    link = linkSeen(link, seen.startsWith('+'), DELAY, monotonicMs(Number(seen.slice(1))))
  }
  return linkDelayEnded(link, DELAY, monotonicMs(at)).up
}

// keepalived.conf(5), interface_up_down_delays.
describe('an interface with delays', () => {
  it.each([
    ['+0', 0, true],
    ['-0', 0, false],
    // The first time it comes up counts at once.
    ['-0 +100', 100, true],
    ['+0 -1000', 1_499, true],
    ['+0 -1000', 1_500, false],
    // It returned in time.
    ['+0 -1000 +1400', 9_000, true],
    ['+0 -1000 +1400 -1450', 1_949, true],
    ['+0 -1000 +1400 -1450', 1_950, false],
    // Nobody looked when the delay ended.
    ['+0 -1000 +3000', 3_000, false],
    ['+0 -1000 +3000', 4_999, false],
    ['+0 -1000 +3000', 5_000, true],
    ['+0 -1000 +3000 -3100', 9_000, false],
    // Seen again and again, its delay goes on.
    ['+0 -1000 -1200 -1400', 1_500, false],
  ])('after %s is at %i held to be up: %s', (history, at, up) => {
    expect(heldAt(history, at)).toBe(up)
  })

  it('has a deadline only while it is not what it is held to be', () => {
    const up = linkSeen(ABSENT_LINK, true, DELAY, monotonicMs(0))
    expect(linkDeadline(up, DELAY)).toBeUndefined()
    const changed = linkSeen(up, false, DELAY, monotonicMs(1_000))
    expect(linkDeadline(changed, DELAY)).toBe(1_500)
    expect(linkDeadline(linkDelayEnded(changed, DELAY, monotonicMs(1_500)), DELAY)).toBeUndefined()
  })

  it('waits less when its limit becomes smaller meanwhile', () => {
    const up = linkSeen(ABSENT_LINK, true, DELAY, monotonicMs(0))
    const changed = linkSeen(up, false, DELAY, monotonicMs(1_000))
    expect(linkDeadline(changed, withinLimit(DELAY, 200))).toBe(1_200)
    expect(withinLimit(DELAY, 1_000)).toEqual({downMs: 500, upMs: 1_000})
  })

  it('changes at once without delays', () => {
    const none = {downMs: 0, upMs: 0}
    const up = linkSeen(ABSENT_LINK, true, none, monotonicMs(0))
    expect(linkSeen(up, false, none, monotonicMs(0)).up).toBe(false)
  })
})
