import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {printBlock, printedText} from '../../../src/config/schema/print-block.ts'
import {ROOT} from '../../../src/config/tables/root.ts'
import {meaningOf, parse} from '../support.ts'

/** Findings that are more than information or judgement, as `CODE severity LINE:COLUMN`, joined by commas. */
export function verdict({diagnostics}: LoadedConfig): string {
  const told = diagnostics.filter(({severity, code}) => severity !== 'info' && !/^HC1[89]/.test(code))
  return told.map(({code, severity, position: {line, column}}) => `${code} ${severity} ${line}:${column}`).join(', ')
}

/** The configuration as text, with what is given or with everything. */
export const written = ({config}: LoadedConfig, mode: 'given' | 'effective' = 'given'): string =>
  printedText(printBlock(ROOT, config, mode))

/** Expects that what is written of a configuration is read again without a new error and means the same. */
export function expectSameAgain(loaded: LoadedConfig): void {
  const known = new Set(errorsOf(loaded))
  for (const mode of ['given', 'effective'] as const) {
    const text = written(loaded, mode)
    const read = parseConfig({file: 'again.conf', text, configId: 'here'})
    expect(errorsOf(read).filter(message => !known.has(message))).toEqual([])
    expect(meaningOf(read.config), text).toBe(meaningOf(loaded.config))
  }
}

const errorsOf = ({diagnostics}: LoadedConfig): readonly string[] =>
  diagnostics.filter(({severity}) => severity === 'error').map(({message}) => message)

/** `[lines, fields of the value, verdict]`; the lines are joined by `;`. */
export type TableCase = readonly [lines: string, value: object, verdict?: string]

/** Describes what lines of a block mean; `read` gives the object that has the fields. */
export function describeLines(
  what: string,
  cases: readonly TableCase[],
  textOf: (lines: readonly string[]) => string,
  read: (loaded: LoadedConfig) => object | undefined,
): void {
  describe(what, () => {
    it.each(cases.map(([lines, value, found = '']) => [lines, value, found] as const))('%s', (lines, value, found) => {
      const loaded = parse(textOf(lines.split(';')))
      expect(verdict(loaded)).toBe(found)
      expect(read(loaded)).toMatchObject(value)
      expectSameAgain(loaded)
    })
  })
}
