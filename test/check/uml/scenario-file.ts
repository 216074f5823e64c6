import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** A file of test/check/uml/scenarios: what happens to real servers, and what two programs made of it. */
export interface Scenario {
  readonly name: string
  /** Comment at its beginning, with its line breaks. */
  readonly title: string
  readonly steps: readonly Step[]
}

/** One thing that happens. */
export interface Step {
  /** Words of the first line. */
  readonly words: readonly string[]
  /** The other lines: a configuration. */
  readonly text: string
  /** What came of it, one line a state or a message. */
  readonly output: readonly string[]
}

/** All of them, by name. */
export function readScenarios(directory: string): readonly Scenario[] {
  return readdirSync(directory)
    .filter(file => file.endsWith('.txt'))
    .sort()
    .map(file => parse(file.replace(/\.txt$/, ''), readFileSync(join(directory, file), 'utf8')))
}

/** Writes a scenario with other output. */
export function writeScenario(directory: string, scenario: Scenario): void {
  const blocks = scenario.steps.map(({words, text, output}) =>
    [words.join(' '), ...(text === '' ? [] : [text]), SEPARATOR, ...output].join('\n'),
  )
  writeFileSync(join(directory, `${scenario.name}.txt`), `${[scenario.title, ...blocks].join('\n\n')}\n`)
}

/** What both programs made of a step; where they differ each line begins with who it was. */
export function merged({keepalived, hactl}: Record<'keepalived' | 'hactl', readonly string[]>): readonly string[] {
  if (keepalived.join('\n') === hactl.join('\n')) return keepalived
  return [...keepalived.map(line => `keepalived: ${line}`), ...hactl.map(line => `hactl: ${line}`)]
}

/** Commands above, output below. */
const SEPARATOR = '----'

function parse(name: string, text: string): Scenario {
  const [title = '', ...blocks] = text.trimEnd().split(/\n{2,}/)
  const steps = blocks.map(block => {
    const lines = block.split('\n')
    const at = lines.indexOf(SEPARATOR)
    if (at < 1) throw new Error(`${name}: a block without ${SEPARATOR}: ${lines[0]}`)
    const [first = '', ...rest] = lines.slice(0, at)
    return {words: first.split(' '), text: rest.join('\n'), output: lines.slice(at + 1)}
  })
  return {name, title, steps}
}
