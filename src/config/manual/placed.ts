import type {Diagnostic} from '../config.ts'
import {DIAGNOSTIC_KINDS} from '../diagnostic-codes.ts'
import {parseConfig} from '../parse.ts'
import {blockManuals, type KeywordManual} from './keywords.ts'

/** What the reader says about the example of a keyword, within the blocks that it stands in. */
export function findingsOfExample(manual: KeywordManual): readonly Diagnostic[] {
  const heads = headsAround(manual.block)
  const lines = manual.example.split('\n')
  const text = [...heads, ...lines, ...heads.map(() => '}')].join('\n')
  const [first, last] = [heads.length + 1, heads.length + lines.length]
  return parseConfig({file: 'example', text}).diagnostics.filter(({position: {line}}) => line >= first && line <= last)
}

/** What is said of a keyword that is out of date; undefined for one that is not. */
export function outOfDate(manual: KeywordManual): string | undefined {
  const found = findingsOfExample(manual).find(({code}) => code === DEPRECATED || code === RENAMED)
  if (!found) return undefined
  const word = found.code === RENAMED ? 'an old name' : 'deprecated'
  return found.hint === undefined ? word : `${word}: ${found.hint}`
}

const DEPRECATED = DIAGNOSTIC_KINDS['keyword-deprecated'].code
const RENAMED = DIAGNOSTIC_KINDS['keyword-renamed'].code

/** The first lines of the blocks around a keyword, outermost first. */
function headsAround(block: string): readonly string[] {
  const found = blockManuals().find(({name}) => name === block)
  const path = [...(found?.paths[0] ?? []), ...(block === '' ? [] : [block])]
  return path.map((name, depth) => {
    const around = path[depth - 1] ?? ''
    const head = blockManuals()
      .flatMap(({keywords}) => keywords)
      .find(({keyword, block: within}) => keyword === name && within === around)
    return head?.example.split('\n')[0] ?? `${name} {`
  })
}
