import {buildConfig} from './build/build-config.ts'
import type {LoadedConfig} from './config.ts'
import {type Findings, newFindings} from './findings.ts'
import {reportNotActedOn} from './not-acted-on.ts'
import {reportLeftOut} from './router-config.ts'
import {readBlock} from './schema/read-block.ts'
import type {NotActedOn} from './schema/schema.ts'
import {homesOf, ROOT} from './tables/root.ts'
import {type Block, buildBlocks} from './text/blocks.ts'
import {logicalLines, type ReadInclude, type Source} from './text/source-lines.ts'

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
  const texts = new Map<string, string>()
  const tree = parseBlocks(source, readInclude, findings, texts)
  const notActedOn: NotActedOn[] = []
  let order = 0
  const root = readBlock(
    ROOT,
    tree,
    {name: '', position: {file: source.file, line: 1, column: 1}},
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
  const config = buildConfig(root, findings)
  reportLeftOut(config, findings)
  reportNotActedOn(notActedOn, findings)
  return {config, diagnostics: findings.list([...texts.keys()]), files: [...texts.keys()], texts}
}

/** Reads text into blocks without judging keywords. */
export function parseBlocks(
  source: Source,
  readInclude: ReadInclude,
  findings: Findings,
  texts: Map<string, string>,
): Block {
  return buildBlocks(logicalLines(source, readInclude, findings, texts), ROOT.grammar, findings)
}

/** An include that brings nothing. */
export const NO_INCLUDES: ReadInclude = () => ({files: [], problems: []})
