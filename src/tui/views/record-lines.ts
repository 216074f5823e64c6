import {formatTime} from '../../core/format.ts'
import type {JournalKind, JournalRecord} from '../../core/journal/record.ts'
import type {NodePicture} from '../../watch/model.ts'
import {span, wrapText} from '../lines.ts'
import type {Drawing, Line, Tone} from '../model.ts'

/** How records are laid out. */
export interface RecordForm {
  readonly node: NodePicture
  readonly drawing: Drawing
  /** Columns to leave free on the left. */
  readonly indent: number
}

/** When a record was written by this host's clock, milliseconds since 1970. */
export const recordTimeMs = (record: JournalRecord, {clockAheadMs}: Pick<NodePicture, 'clockAheadMs'>): number =>
  Date.parse(record.at) - clockAheadMs

/** A record in full, over as many lines as it takes. */
export function recordLines(record: JournalRecord, {node, drawing, indent}: RecordForm): readonly Line[] {
  const time = timeText(recordTimeMs(record, node))
  const left = ' '.repeat(indent)
  const about = record.instance === undefined ? record.text : `${record.instance}: ${record.text}`
  const room = Math.max(10, drawing.width - indent - time.length - 2)
  return wrapText(about, room).map((text, at) => [
    span(at === 0 ? `${left}${time}  ` : ' '.repeat(indent + time.length + 2), 'dim'),
    span(text, toneOf(record)),
  ])
}

/** A moment by this host's clock and time zone, to the millisecond: "2026-01-31 08:05:09.123". */
export const timeText = (ms: number): string => (Number.isFinite(ms) ? formatTime(new Date(ms).toISOString()) : '-')

/** How a record is meant. */
export function toneOf({kind, facts}: JournalRecord): Tone | undefined {
  if (kind === 'transition') return facts.to === 'master' ? 'good' : facts.to === 'fault' ? 'bad' : undefined
  return TONES[kind]
}

const TONES: {readonly [kind in JournalKind]?: Tone} = {
  'split-brain': 'bad',
  'process-died': 'bad',
  'process-stalled': 'bad',
  'configuration-refused': 'bad',
  'services-failed': 'bad',
  'kernel-error': 'bad',
  'ipvs-missing': 'bad',
  'journal-damaged': 'warning',
  'notify-failed': 'warning',
  'mail-failed': 'warning',
  'packets-rejected': 'warning',
  'lower-priority-heard': 'warning',
  'agent-stopping': 'warning',
  'leftover-removed': 'warning',
  operator: 'strong',
}
