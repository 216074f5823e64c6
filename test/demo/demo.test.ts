import {expect, it} from 'vitest'
import {labSuite} from '../lab/lab-suite.ts'
import {playDemo, playSteps} from './play.ts'
import {milliseconds, Timeline} from './timeline.ts'
import {createWorld} from './world.ts'

/** Collects what is written. */
function collector(): {readonly text: () => string; write(text: string): void} {
  let all = ''
  return {
    text: () => all,
    write: text => {
      all += text
    },
  }
}

it('prints plain lines of at most 80 columns when it does not write to a terminal', () => {
  const output = collector()
  const timeline = new Timeline(output)
  timeline.title('a demo', 'of something')
  timeline.event('something is done')
  timeline.waiting(() => 'never shown')
  timeline.done({what: 'it happened', measuredMs: 6_610.4, formulaMs: 6_609.4, notes: ['and more']})
  timeline.failed('the rest', 'because\nof that')
  const lines = output.text().split('\n')
  expect(Math.max(...lines.map(({length}) => length))).toBeLessThanOrEqual(80)
  expect(output.text()).toMatch(/ok it happened +6,610 ms +6,609 ms\n/)
  expect(output.text()).toMatch(/FAILED the rest\n +because\n +of that\n/)
  for (const control of ['\u001b', '\r']) expect(output.text()).not.toContain(control)
  expect(milliseconds(undefined)).toBe('')
})

labSuite('the demo', ['ip', 'nginx'], () => {
  it('plays every step in less than a minute and ends with 0', {timeout: 90_000}, async () => {
    const output = collector()
    const startedAt = performance.now()
    const code = await playDemo(output)
    expect(code, output.text()).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(60_000)
    expect(output.text().match(/^ +[\d.]+ s {2}ok /gm)).toHaveLength(7)
    expect(
      Math.max(
        ...output
          .text()
          .split('\n')
          .map(({length}) => length),
      ),
    ).toBeLessThanOrEqual(80)
  })

  it('stops at a step that does not happen, says why, and ends with 1', async () => {
    const output = collector()
    const world = await createWorld()
    try {
      const played: string[] = []
      const step = (name: string, error?: Error) => ({
        name,
        play: async () => {
          played.push(name)
          if (error) throw error
          return {what: `${name} happened`}
        },
      })
      const steps = [step('first'), step('second', new Error('nobody came')), step('third')]
      expect(await playSteps(steps, world, new Timeline(output))).toBe(1)
      expect(played).toEqual(['first', 'second'])
      expect(output.text()).toMatch(/ok first happened\n.*FAILED second\n +nobody came\n/)
    } finally {
      await world.lab.close()
    }
  })
})
