import type {Severity} from '../config/config.ts'
import {DIAGNOSTIC_KINDS} from '../config/diagnostic-codes.ts'
import type {Finding} from './finding.ts'
import {findingReply} from './finding-reply.ts'
import type {SourceTexts} from './source-texts.ts'

/** Where a place is, as SARIF wants it. */
interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a SARIF log says besides the findings. */
export interface SarifOptions {
  readonly version: string
  /** A file as a URI, relative to where the reader stands where that can be. */
  readonly uri: (file: string) => string
}

/**
 * Findings as a log of the Static Analysis Results Interchange Format, which tools for code review show. SARIF 2.1.0
 * (OASIS), sections 3.13 to 3.30.
 */
export function sarifLog(findings: readonly Finding[], sources: SourceTexts, options: SarifOptions): object {
  const rules = Object.entries(DIAGNOSTIC_KINDS).map(([name, kind]) => ({
    id: kind.code,
    name: name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: {text: kind.meaning},
    defaultConfiguration: {level: LEVELS[kind.severity]},
    properties: {tags: [kind.class]},
  }))
  const indexes = new Map(rules.map(({id}, index) => [id, index]))
  const location = (place: Place, region: object = {}, more: object = {}): object => ({
    physicalLocation: {
      artifactLocation: {uri: options.uri(place.file)},
      region: {startLine: place.line, startColumn: place.column, ...region},
      ...more,
    },
  })
  const results = findings.map(finding => {
    const reply = findingReply(finding, sources)
    const {source} = reply
    const context = source === null ? {} : {contextRegion: {startLine: reply.line, snippet: {text: source}}}
    return {
      ruleId: reply.code,
      ruleIndex: indexes.get(reply.code) ?? -1,
      level: LEVELS[reply.severity],
      message: {text: reply.hint === null ? reply.message : `${reply.message}\n${reply.hint}`},
      locations: [location(reply, {endColumn: Math.max(reply.endColumn, reply.column)}, context)],
      relatedLocations: reply.related.map((other, id) => ({
        id,
        message: {text: other.message},
        ...location(other),
      })),
    }
  })
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {driver: {name: 'hactl', semanticVersion: options.version, rules}},
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  }
}

const LEVELS: {readonly [severity in Severity]: 'error' | 'warning' | 'note'} = {
  error: 'error',
  warning: 'warning',
  info: 'note',
}
