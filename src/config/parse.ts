import {buildConfig} from './build/build-config.ts'
import type {LoadedConfig} from './config.ts'
import {type Findings, newFindings} from './findings.ts'
import {reportNotActedOn} from './not-acted-on.ts'
import {readBlock} from './schema/read-block.ts'
import {homesOf, ROOT} from './tables/root.ts'
import {type Block, buildBlocks} from './text/blocks.ts'
import {logicalLines, type ReadInclude, type Source} from './text/source-lines.ts'

/** Reads a configuration out of text; touches no disk but through `readInclude`, and never throws for its content. */
export function parseConfig(source: Source, readInclude: ReadInclude = NO_INCLUDES): LoadedConfig {
  const findings = newFindings()
  const files: string[] = []
  const tree = parseBlocks(source, readInclude, findings, files)
  let order = 0
  const root = readBlock(
    ROOT,
    tree,
    {name: '', position: {file: source.file, line: 1, column: 1}},
    {
      findings,
      notActedOn: () => {},
      nextOrder: () => order++,
      homesOf,
      secret: false,
    },
  )
  const config = buildConfig(root, findings)
  reportNotActedOn(root.notActedOn, findings)
  return {config, diagnostics: findings.list(files), files: [...new Set(files)]}
}

/** Reads text into blocks without judging keywords. */
export function parseBlocks(source: Source, readInclude: ReadInclude, findings: Findings, files: string[]): Block {
  return buildBlocks(logicalLines(source, readInclude, findings, files), ROOT.grammar, findings)
}

/** An include that brings nothing. */
export const NO_INCLUDES: ReadInclude = () => ({files: [], problems: []})
