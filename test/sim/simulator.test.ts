import {setImmediate} from 'node:timers/promises'
import {afterAll, describe, expect, it, vi} from 'vitest'
import {type Course, simulate} from './simulate.ts'

/** One seed alone, with what led to its failure: `SIM_SEED=12 npx vitest run test/sim/simulator.test.ts`. */
const ALONE = process.env.SIM_SEED ? Number(process.env.SIM_SEED) : undefined
/** So many seeds are more than the router-seconds that are demanded. */
const SEEDS = Number(process.env.SIM_SEEDS ?? 320)
const SEEDS_A_TEST = 5
const LEAST_ROUTER_SECONDS = 1_000_000

const courses: Course[] = []

async function simulateAll(seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    courses.push(simulate(seed, {writes: ALONE !== undefined}))
    // The runner wants to hear of us.
    await setImmediate()
  }
}

describe('many nodes, everything that goes wrong, and what has to hold nevertheless', () => {
  const seeds = ALONE === undefined ? Array.from({length: SEEDS}, (_, i) => i + 1) : [ALONE]
  const parts = seeds.filter((_, i) => i % SEEDS_A_TEST === 0).map((first, i) => [first, i] as const)

  it.each(parts)('seeds from %i', async (_, part) => {
    await simulateAll(seeds.slice(part * SEEDS_A_TEST, (part + 1) * SEEDS_A_TEST))
    expect(courses.at(-1)?.takeOvers).toBeGreaterThan(0)
  })

  it.skipIf(ALONE !== undefined)('was simulated for long enough, and much happened', () => {
    const sum = (of: (course: Course) => number): number => courses.reduce((all, course) => all + of(course), 0)
    const routerSeconds = sum(course => course.routerSeconds)
    expect(routerSeconds).toBeGreaterThan((LEAST_ROUTER_SECONDS * SEEDS) / 320)
    expect(sum(course => course.takeOvers)).toBeGreaterThan(50 * SEEDS)
    process.stdout.write(
      `simulated: ${Math.round(routerSeconds)} router-seconds, ${sum(({transitions}) => transitions)} transitions\n`,
    )
  })
})

describe('the wall clock', () => {
  afterAll(() => {
    vi.unstubAllGlobals()
  })

  it('may jump as it likes: nothing of the machines ever looks at it', () => {
    const usual = simulate(7)
    let looks = 0
    const now = (): number => ++looks * 1e9
    vi.stubGlobal(
      'Date',
      Object.assign(() => String(now()), {now}),
    )
    vi.stubGlobal('performance', {now})
    const course = simulate(7)
    vi.unstubAllGlobals()
    expect(course).toEqual(usual)
    expect(looks).toBe(0)
  })
})
