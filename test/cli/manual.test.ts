import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {COMMANDS} from '../../src/cli/command-table.ts'
import {EXIT_CODES, INTERRUPTED} from '../../src/cli/exit-codes.ts'
import {describedCommands} from '../../src/cli/oclif-plugin.ts'

/** What is read of a flag as oclif describes it. */
interface DescribedFlag {
  readonly char?: string
  readonly allowNo?: boolean
}

/** Columns of the terminal that a text has to fit into. */
const COLUMNS = 80

const ROOT = join(import.meta.dirname, '..', '..')
const manual = plain(readFileSync(join(ROOT, 'man', 'hactl.8'), 'utf8'))
const commands = await describedCommands()
const ownFlags = commands.flatMap(({id, flags, baseFlags}) => {
  const common = new Set(['json', ...Object.keys(baseFlags ?? {}), 'socket', 'host', 'context', 'direct'])
  return Object.entries(flags as {readonly [name: string]: DescribedFlag})
    .filter(([name]) => !common.has(name))
    .flatMap(([name, flag]) => spellings(name, flag).map(spelling => ({id, spelling})))
})

describe('hactl(8)', () => {
  test.each(Object.keys(COMMANDS))('has an entry for %s', id => {
    expect(entryOf(id)).not.toBe('')
  })

  test.each(ownFlags)('names $spelling in the entry of $id', ({id, spelling}) => {
    expect(wordsOf(entryOf(id))).toContain(spelling)
  })

  test('names what every command has', () => {
    const common = wordsOf(section('FLAGS OF EVERY COMMAND'))
    for (const flag of ['--json', '--socket', '--host', '--context', '--direct', '--help'])
      expect(common).toContain(flag)
  })

  test('has no entry for a command that does not exist', () => {
    const named = [...section('COMMANDS').matchAll(/^\.\w+ "?hactl ([a-z]+(?: [a-z-]+)+)/gm)].map(([, words]) => words)
    expect(named.length).toBeGreaterThan(20)
    const isCommand = (words: readonly string[]): boolean =>
      [2, 3].some(count => words.slice(0, count).join(':') in COMMANDS)
    expect(named.filter(words => !isCommand(words?.split(' ') ?? []))).toEqual([])
  })

  test('lists exactly the exit codes that there are', () => {
    const listed = [...section('EXIT CODES').matchAll(/^ *(\d+) {2}\w/gm)].map(([, code]) => Number(code))
    expect(new Set(listed)).toEqual(new Set([0, ...Object.values(EXIT_CODES), INTERRUPTED]))
  })

  test('lists exactly the kinds of records that the journal can hold', () => {
    const source = readFileSync(join(ROOT, 'src', 'core', 'journal', 'record.ts'), 'utf8')
    const kinds = [...source.matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, kind]) => kind)
    const [, list = ''] = section('JOURNAL').split('\n.nf\n')
    const listed = list.split('\n.fi')[0]?.split(/\s+/)
    expect(kinds.length).toBeGreaterThan(20)
    expect(new Set(listed)).toEqual(new Set(kinds))
  })
})

// oclif prints the title of a help text as it is, however narrow the terminal.
test.each(commands.map(({id, description}) => [id, description ?? '']))(
  'the title of %s fits a terminal',
  (_, text) => {
    const title = text.split('\n', 1)[0] ?? ''
    expect(title.length).toBeGreaterThan(0)
    expect(title.length).toBeLessThanOrEqual(COLUMNS)
    expect(title).toMatch(/^[a-z].*[^.]$/)
  },
)

/** Without the escapes of troff that stand in words. */
function plain(source: string): string {
  return source.replaceAll('\\-', '-').replace(/\\f[RIBP]/g, '')
}

function section(name: string): string {
  const [, text = ''] = manual.split(`\n.SH ${name}\n`)
  return text.split('\n.SH ', 1)[0] ?? ''
}

/** The paragraph about one command. */
function entryOf(id: string): string {
  const head = new RegExp(`^\\.\\w+ "?hactl ${id.replaceAll(':', ' ')}(?=[ "]|$)`, 'm')
  return (
    section('COMMANDS')
      .split('\n.TP\n')
      .find(paragraph => head.test(paragraph)) ?? ''
  )
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^\w-]+/)
}

function spellings(name: string, {char, allowNo}: DescribedFlag): readonly string[] {
  return [allowNo ? `--no-${name}` : `--${name}`, ...(char === undefined ? [] : [`-${char}`])]
}
