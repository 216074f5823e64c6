import {describe, expect, it} from 'vitest'
import {JournalRateLimit} from '../../../src/core/journal/rate-limit.ts'
import type {JournalEntry, JournalKind} from '../../../src/core/journal/record.ts'
import {monotonicMs} from '../../../src/core/units.ts'

const entry = (kind: JournalKind, instance: string): JournalEntry => ({at: '', kind, instance, text: 'x', facts: {}})

/** How many of `count` entries, one a millisecond, are let through. */
function admitted(limit: JournalRateLimit, count: number, kind: JournalKind, instance: string, fromMs = 0): number {
  let passed = 0
  for (let i = 0; i < count; i++) if (limit.admit(entry(kind, instance), monotonicMs(fromMs + i))) passed++
  return passed
}

describe('the rate of the journal', () => {
  it('is ten at once and one a second after, for each kind and instance apart', () => {
    const limit = new JournalRateLimit()
    expect(admitted(limit, 5_000, 'master-changed', 'VI_1')).toBe(14)
    expect(admitted(limit, 10, 'master-changed', 'VI_2')).toBe(10)
    expect(admitted(limit, 10, 'kernel-error', 'VI_1')).toBe(10)
  })

  it('tells how many were left out', () => {
    const limit = new JournalRateLimit()
    admitted(limit, 110, 'master-changed', 'VI_1')
    expect(limit.admit(entry('master-changed', 'VI_1'), monotonicMs(2_000))?.text).toBe(
      'x (100 more of this kind were left out)',
    )
    expect(limit.admit(entry('master-changed', 'VI_1'), monotonicMs(3_000))?.text).toBe('x')
  })

  it('never leaves a transition out', () => {
    expect(admitted(new JournalRateLimit(), 5_000, 'transition', 'VI_1')).toBe(5_000)
  })

  it('is bounded however many names there are', () => {
    const limit = new JournalRateLimit()
    let passed = 0
    for (let i = 0; i < 10_000; i++) passed += admitted(limit, 1, 'master-changed', `VI_${i}`)
    expect(passed).toBeLessThan(4_200)
  })
})
