import {describe, expect, it} from 'vitest'
import {failoverText, preflightTable} from '../../src/cli/failover-views.ts'
import type {FailoverReport, Measurement, MoveReport} from '../../src/failover/model.ts'

const measured: Measurement = {
  measured: true,
  ...{address: '10.0.0.10', probe: 'icmp', intervalMs: 2},
  ...{outageMs: 12.4, atLeastMs: 11.9, atMostMs: 14.4, sent: 1800, lost: 6, gaps: 1},
}

const moved = (fields: Partial<MoveReport> = {}): MoveReport => ({
  from: 'lb1',
  to: 'lb2',
  way: 'takeover',
  orderedAt: '2026-01-31T08:05:09.123Z',
  tookMs: 14,
  twoHoldersMs: 0,
  outageMs: 12.4,
  measurement: measured,
  ...fields,
})

const report = (fields: Partial<FailoverReport> = {}): FailoverReport => ({
  router: 'VI_1',
  vrid: 51,
  family: 4,
  moved: ['VI_1'],
  from: 'lb1',
  to: 'lb2',
  preflight: [],
  forced: false,
  move: moved(),
  back: null,
  changes: [],
  notes: [],
  interrupted: false,
  ...fields,
})

describe('what a failover did', () => {
  it('is told with its outage and what stays', () => {
    expect(failoverText(report({notes: ['lb2 keeps its raised priority']}))).toBe(
      [
        'VI_1: lb1 -> lb2 by takeover, after 14 ms',
        '  outage 12.4 ms, between 11.9 and 14.4 ms (10.0.0.10, icmp every 2 ms): 6 of 1800 probes lost, 1 gap',
        'lb2 keeps its raised priority',
      ].join('\n'),
    )
  })

  it('is told there and back', () => {
    const quiet: Measurement = {...measured, outageMs: 0, atLeastMs: 0, atMostMs: 0, lost: 0, gaps: 0}
    const back = moved({from: 'lb2', to: 'lb1', outageMs: 0, measurement: quiet})
    expect(
      failoverText(report({moved: ['VI_1', 'VI_2'], back}))
        .split('\n')
        .slice(2),
    ).toEqual([
      'VI_1, VI_2: lb2 -> lb1 by takeover, after 14 ms',
      '  no outage seen (10.0.0.10, icmp every 2 ms): none of 1800 probes lost',
      'everything is as it was before',
    ])
    expect(failoverText(report({back, changes: ['lb1: new: VI_1: priority 152']}))).toContain('left behind: lb1: new')
  })

  it('is told without a figure', () => {
    const why = {measured: false, why: 'this host may not ping'} as const
    const text = failoverText(report({move: moved({from: null, outageMs: null, measurement: why}), interrupted: true}))
    expect(text.split('\n')).toEqual([
      'VI_1: to lb2 by takeover, after 14 ms',
      '  outage not measured: this host may not ping',
      'interrupted: lb2 holds it',
    ])
  })
})

it('a pre-flight is a table in which a no stands out', () => {
  const lines = [
    {check: 'holder', ok: true, text: 'lb1 alone holds VI_1'},
    {check: 'target', ok: false, text: 'lb2: VI_1 is FAULT'},
  ]
  expect(preflightTable(lines).split('\n')).toEqual([
    'CHECK   OK   WHAT',
    'holder  yes  lb1 alone holds VI_1',
    'target  NO   lb2: VI_1 is FAULT',
  ])
})
