import {describe, expect, it} from 'vitest'
import {Schedule} from '../../../src/core/check/schedule.ts'
import {seededRandom} from '../../sim/random.ts'

describe('a schedule', () => {
  it('gives items in the order of their due moments, and none before it is due', () => {
    const schedule = new Schedule<string>()
    schedule.set('c', 30)
    schedule.set('a', 10)
    schedule.set('b', 20)
    expect(schedule.nextDueAt()).toBe(10)
    expect(schedule.takeDue(9.9)).toBeUndefined()
    expect(schedule.takeDue(20)).toBe('a')
    expect(schedule.takeDue(20)).toBe('b')
    expect(schedule.takeDue(20)).toBeUndefined()
    expect(schedule.size).toBe(1)
  })

  it('moves an item both ways', () => {
    const schedule = new Schedule<string>()
    for (const [place, item] of ['a', 'b', 'c', 'd', 'e'].entries()) schedule.set(item, place * 10)
    schedule.set('e', -1)
    schedule.set('a', 25)
    expect(schedule.dueAt('a')).toBe(25)
    expect(drain(schedule)).toEqual(['e', 'b', 'c', 'a', 'd'])
  })

  it('takes out what is in it, once', () => {
    const schedule = new Schedule<string>()
    schedule.set('a', 1)
    schedule.set('b', 2)
    expect(schedule.delete('a')).toBe(true)
    expect(schedule.delete('a')).toBe(false)
    expect(schedule.dueAt('a')).toBeUndefined()
    expect(drain(schedule)).toEqual(['b'])
  })

  it('is empty after it was cleared', () => {
    const schedule = new Schedule<string>()
    schedule.set('a', 1)
    schedule.clear()
    expect([schedule.size, schedule.nextDueAt(), schedule.takeDue(9)]).toEqual([0, undefined, undefined])
    schedule.set('a', 2)
    expect(schedule.takeDue(2)).toBe('a')
  })

  it('refuses a due moment that is no number', () => {
    expect(() => new Schedule<string>().set('a', Number.NaN)).toThrow('number')
  })

  it.each([1, 2, 3, 4])('agrees with a sorted list after 6,000 random changes, seed %i', seed => {
    const random = seededRandom(seed)
    const schedule = new Schedule<number>()
    const list = new Map<number, number>()
    let taken = 0
    for (let turn = 0; turn < 6000; turn++) {
      const item = random(500)
      const what = random(10)
      if (what < 6) {
        const dueAt = random(1000)
        schedule.set(item, dueAt)
        list.set(item, dueAt)
      } else if (what < 8) {
        expect(schedule.delete(item)).toBe(list.delete(item))
      } else {
        const now = random(1000)
        const earliest = Math.min(...list.values())
        const found = schedule.takeDue(now)
        expect(found === undefined ? undefined : list.get(found)).toBe(earliest <= now ? earliest : undefined)
        if (found !== undefined && list.delete(found)) taken++
      }
      expect(schedule.size).toBe(list.size)
    }
    expect(taken).toBeGreaterThan(300)
    const left = drain(schedule).map(item => list.get(item) as number)
    expect(left).toEqual([...list.values()].sort((a, b) => a - b))
  })
})

function drain<Item>(schedule: Schedule<Item>): Item[] {
  const items: Item[] = []
  for (let item = schedule.takeDue(1e9); item !== undefined; item = schedule.takeDue(1e9)) items.push(item)
  return items
}
