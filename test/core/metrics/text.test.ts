import {describe, expect, it, test} from 'vitest'
import {LATENCY_BOUNDS_SECONDS, latencyBucket} from '../../../src/core/metrics/check-metrics.ts'
import {histogramText, type Metric, metricText, type Sample} from '../../../src/core/metrics/text.ts'

const metric = (labels: readonly string[], more: Partial<Metric> = {}): Metric => ({
  name: 'hactl_test',
  type: 'gauge',
  labels,
  help: 'A test.',
  ...more,
})
const HEAD = '# HELP hactl_test A test.\n# TYPE hactl_test gauge\n'
const text = (labels: readonly string[], samples: readonly Sample[]): string =>
  [...metricText(metric(labels), samples)].join('')

// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
describe('a family', () => {
  it('is a line of help, a line of its type, and a line for each sample', () => {
    const samples: Sample[] = [
      [['x', '1'], 3],
      [['y', ''], 0.25],
    ]
    expect(text(['a', 'b'], samples)).toBe(`${HEAD}hactl_test{a="x",b="1"} 3\nhactl_test{a="y",b=""} 0.25\n`)
    expect(text([], [[[], 7]])).toBe(`${HEAD}hactl_test 7\n`)
  })

  it('is nothing without samples', () => {
    expect(text(['a'], [])).toBe('')
  })

  it('escapes what its help holds', () => {
    const help = [...metricText(metric([], {help: 'a\\b\nc "d"'}), [[[], 1]])].join('')
    expect(help).toContain('# HELP hactl_test a\\\\b\\nc "d"\n')
  })

  it('comes in pieces of whole lines', () => {
    const samples = Array.from({length: 2_500}, (_, i): Sample => [[String(i)], i])
    const pieces = [...metricText(metric(['n']), samples)]
    expect(pieces.map(piece => piece.split('\n').length - 1)).toEqual([1_002, 1_000, 500])
    expect(pieces.every(piece => piece.endsWith('\n'))).toBe(true)
    expect([...metricText(metric(['n']), samples.slice(0, 1_000))]).toHaveLength(1)
  })
})

test.each([
  ['plain', 'plain'],
  ['"} 1\nhactl_forged{a="', '\\"} 1\\nhactl_forged{a=\\"'],
  ['back\\slash\\n', 'back\\\\slash\\\\n'],
  ['tab\tand\rreturn', 'tab\tand\rreturn'],
  ['gr\u00fc\u00dfe \u{1f600}', 'gr\u00fc\u00dfe \u{1f600}'],
  ['half \ud83d', 'half \ufffd'],
  ['x'.repeat(5_000), 'x'.repeat(1_000)],
])('a label that holds %j is written so that it stays one label', (given, written) => {
  expect(text(['a'], [[[given], 1]])).toBe(`${HEAD}hactl_test{a="${written}"} 1\n`)
})

test.each([
  [0, '0'],
  [1e21, '1e+21'],
  [0.1 + 0.2, '0.30000000000000004'],
  [2 ** 53, '9007199254740992'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
])('the number %d is written %s', (value, written) => {
  expect(text([], [[[], value]])).toBe(`${HEAD}hactl_test ${written}\n`)
})

describe('a histogram', () => {
  const family = metric(['kind'], {type: 'histogram'})

  it('has cumulative buckets, the last of them without a bound, a sum and a count', () => {
    const sample = {labels: ['TCP_CHECK'], bounds: [0.001, 1], counts: [2, 3, 1], sum: 9.5}
    expect([...histogramText(family, [sample])].join('')).toBe(
      `${HEAD.replace('gauge', 'histogram')}hactl_test_bucket{kind="TCP_CHECK",le="0.001"} 2
hactl_test_bucket{kind="TCP_CHECK",le="1"} 5
hactl_test_bucket{kind="TCP_CHECK",le="+Inf"} 6
hactl_test_sum{kind="TCP_CHECK"} 9.5
hactl_test_count{kind="TCP_CHECK"} 6
`,
    )
  })

  it('without labels has none but the bound', () => {
    const sample = {labels: [], bounds: [1], counts: [1, 0], sum: 0.5}
    expect([...histogramText(metric([], {type: 'histogram'}), [sample])].join('')).toContain(
      'hactl_test_bucket{le="1"} 1\nhactl_test_bucket{le="+Inf"} 1\nhactl_test_sum 0.5\nhactl_test_count 1\n',
    )
  })

  it.each([
    [0, 0],
    [0.001, 0],
    [0.0011, 1],
    [10, LATENCY_BOUNDS_SECONDS.length - 1],
    [11, LATENCY_BOUNDS_SECONDS.length],
  ])('counts %d s in bucket %d', (seconds, bucket) => {
    expect(latencyBucket(seconds)).toBe(bucket)
  })
})
