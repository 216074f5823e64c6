/** A metric family. Names and label names are ours; what stands in labels and values comes from anywhere. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** One sentence. */
  readonly help: string
}

/** The values of the labels in the order of the metric, and the value. */
export type Sample = readonly [labels: readonly string[], value: number]

/** One histogram: how many were in each bucket alone, the last of which has no bound. */
export interface HistogramSample {
  readonly labels: readonly string[]
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

/** The media type of the format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const METRICS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Lines of one piece of text: what is between two pieces may wait for something else. */
const LINES_A_PIECE = 1_000

/** A family in the text format 0.0.4 of Prometheus, in pieces of whole lines; nothing where there is no sample. */
export function* metricText(metric: Metric, samples: Iterable<Sample>): Generator<string> {
  const {name, labels} = metric
  const prefixes = labels.map((label, i) => `${i === 0 ? '{' : '",'}${label}="`)
  const end = labels.length > 0 ? '"} ' : ' '
  yield* pieces(metric, samples, ([values, value]) => {
    let line = name
    for (let i = 0; i < prefixes.length; i++) line += prefixes[i] + labelValue(values[i] ?? '')
    return `${line}${end}${numberText(value)}\n`
  })
}

/** A family of histograms: `_bucket`, `_sum` and `_count` of each. */
export function* histogramText(metric: Metric, samples: Iterable<HistogramSample>): Generator<string> {
  yield* pieces(metric, samples, ({labels, bounds, counts, sum}) => {
    const own = metric.labels.map((label, i) => `${label}="${labelValue(labels[i] ?? '')}"`)
    let count = 0
    let lines = ''
    for (const [i, inBucket] of counts.entries()) {
      count += inBucket
      const bound = `le="${numberText(bounds[i] ?? Number.POSITIVE_INFINITY)}"`
      lines += `${metric.name}_bucket{${[...own, bound].join(',')}} ${count}\n`
    }
    const shared = own.length > 0 ? `{${own.join(',')}}` : ''
    return `${lines}${metric.name}_sum${shared} ${numberText(sum)}\n${metric.name}_count${shared} ${count}\n`
  })
}

function* pieces<One>({name, type, help}: Metric, samples: Iterable<One>, text: (sample: One) => string) {
  let piece = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`
  let lines = 0
  for (const sample of samples) {
    piece += text(sample)
    lines++
    if (lines % LINES_A_PIECE !== 0) continue
    yield piece
    piece = ''
  }
  if (lines > 0 && piece !== '') yield piece
}

const TO_ESCAPE = /[\\"\n]/
/** What one label may hold, characters: nobody searches for more. */
const MAX_LABEL_LENGTH = 1_000

function labelValue(given: string): string {
  const text = given.length > MAX_LABEL_LENGTH ? given.slice(0, MAX_LABEL_LENGTH) : given
  // Half of a surrogate pair is no UTF-8, and the whole scrape would be refused for it.
  const whole = LONE_SURROGATE.test(text) ? text.replaceAll(LONE_SURROGATES, '\ufffd') : text
  if (!TO_ESCAPE.test(whole)) return whole
  return whole.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

const LONE_SURROGATE = /\p{Surrogate}/u
const LONE_SURROGATES = /\p{Surrogate}/gu

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}
