import {buildConfig} from './build/build-config.ts'
import type {LoadedConfig} from './config.ts'
import {type Findings, newFindings} from './findings.ts'
import {judge} from './judge/judge.ts'
import {reportNotActedOn} from './not-acted-on.ts'
import {readBlock} from './schema/read-block.ts'
import type {Item, NotActedOn} from './schema/schema.ts'
import {homesOf, ROOT, type RootSettings} from './tables/root.ts'
import {BALANCED, type BraceCount, rootStatements} from './text/blocks.ts'
import {piecesOf} from './text/pieces.ts'
import {type IncludeResult, logicalLines, type ReadInclude, type Source} from './text/source-lines.ts'

/** What reading may depend on besides the text. */
export interface ParseOptions {
  /** The keepalived that the configuration has to suit as well; undefined: the newest. */
  readonly compat?: '2.2.7' | undefined
}

/** Reads a configuration out of text; touches no disk but through `readInclude`, and never throws for its content. */
export function parseConfig(
  source: Source,
  readInclude: ReadInclude = NO_INCLUDES,
  {compat}: ParseOptions = {},
): LoadedConfig {
  const findings = newFindings()
  const notActedOn: NotActedOn[] = []
  const {root, texts} = readRoot(source, readInclude, {findings, notActedOn, compat})
  const config = buildConfig(root, findings)
  judge(config, findings)
  reportNotActedOn(notActedOn, findings)
  const files = [...texts.keys()]
  return {config, diagnostics: findings.list(files), files, texts}
}

interface Reading {
  readonly findings: Findings
  readonly notActedOn: NotActedOn[]
  readonly compat: '2.2.7' | undefined
}

/** Braces nearly always balance, so they are only counted when the first reading shows that they do not. */
function readRoot(source: Source, readInclude: ReadInclude, reading: Reading) {
  const include = remembered(readInclude)
  const first = readWith(source, include, BALANCED, reading)
  if (first.opens === first.closes) return first
  reading.findings.clear()
  reading.notActedOn.length = 0
  return readWith(source, include, first, reading)
}

function readWith(
  source: Source,
  readInclude: ReadInclude,
  count: BraceCount,
  {findings, notActedOn, compat}: Reading,
): {readonly root: Item<RootSettings>; readonly texts: ReadonlyMap<string, string>} & BraceCount {
  const texts = new Map<string, string>()
  const pieces = piecesOf(logicalLines(source, readInclude, findings, texts), findings)
  const position = {file: source.file, line: 1, column: 1}
  let order = 0
  const root = readBlock(
    ROOT,
    {opensAt: position, statements: rootStatements(pieces, ROOT.grammar, count, findings)},
    {name: '', position},
    {
      findings,
      notActedOn: use => notActedOn.push(use),
      nextOrder: () => order++,
      homesOf,
      secret: false,
      quiet: false,
      compat,
    },
  )
  return {root, texts, opens: pieces.opens, closes: pieces.closes}
}

/** An include brings the same when it is read a second time. */
function remembered(readInclude: ReadInclude): ReadInclude {
  const results = new Map<string, IncludeResult>()
  return (pattern, from, budget) => {
    const key = JSON.stringify([pattern, from, budget])
    const result = results.get(key) ?? readInclude(pattern, from, budget)
    results.set(key, result)
    return result
  }
}

/** An include that brings nothing. */
export const NO_INCLUDES: ReadInclude = () => ({files: [], problems: []})
