import {expect, it} from 'vitest'
import {labSuite} from '../lab/lab-suite.ts'
import {PASS_V2, V3_FAST} from '../lab/pair.ts'
import {MAX_PAUSE} from './hostile-bench.ts'
import {type HostileRun, runHostile} from './hostile-runs.ts'

labSuite('a pair under attack', ['ip', 'ping'], () => {
  it('advertises on schedule at 10 cs under every kind at 500/s and a flood of 5,000/s', {
    timeout: 120_000,
  }, async () => {
    expectUnimpressed(await runHostile({program: 'hactl', protocol: V3_FAST, secondsPerKind: 1, floodSeconds: 10}))
  })

  it('is not moved by wrong passwords in version 2', {timeout: 60_000}, async () => {
    const kinds = ['authentication'] as const
    const options = {protocol: PASS_V2, kinds, secondsPerKind: 5, floodSeconds: 5}
    expectUnimpressed(await runHostile({program: 'hactl', ...options}))
  })
})

function expectUnimpressed({suffered, takeover}: HostileRun): void {
  for (const {attack, longestPause, backupAdverts} of suffered) {
    expect.soft(longestPause, `pause in intervals under ${attack}`).toBeLessThanOrEqual(MAX_PAUSE)
    expect.soft(backupAdverts, `advertisements of the backup under ${attack}`).toBe(0)
  }
  expect(takeover.tookMs).toBeGreaterThan(takeover.formulaMs - 0.5)
  expect(takeover.tookMs).toBeLessThan(takeover.formulaMs + 250)
}
