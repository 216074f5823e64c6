import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {checkImports} from './tidy/import-rules.ts'
import {
  checkAny,
  checkDocumented,
  checkExports,
  checkFunctions,
  checkInheritance,
  checkLengths,
  checkLogging,
  checkName,
  checkPlaces,
  checkPurity,
} from './tidy/rules.ts'
import {type Finding, filesBelow, readSources, type SourceFile, sourceFile} from './tidy/source-file.ts'

const ROOT = join(import.meta.dirname, '..')
const FOLDERS = ['src', 'commands', 'bin', 'test']
const TEXTS = ['README.md', 'CHANGELOG.md', 'package.json']

interface LockFile {
  readonly packages: {readonly [path: string]: {readonly optionalDependencies?: {readonly [name: string]: string}}}
}

const RULES: {readonly [rule: string]: (file: SourceFile) => Finding[]} = {
  'imports follow the table': checkImports,
  'files and lines are short': checkLengths,
  'functions are short': checkFunctions,
  'exports are named': checkExports,
  'nothing is any': checkAny,
  'only the agent and the commands log': checkLogging,
  'exports are documented': checkDocumented,
  'the core is pure': checkPurity,
  'classes do not inherit': checkInheritance,
}

const code = FOLDERS.flatMap(folder => filesBelow(ROOT, folder)).filter(path => /\.(ts|tsx|mjs|cjs)$/.test(path))
const sources = readSources(ROOT, code)
const shown = (findings: readonly Finding[]): string[] =>
  findings.map(({path, line, message}) => `${path}:${line}: ${message}`)

describe('this repository', () => {
  test('is found', () => {
    expect(sources.length).toBeGreaterThan(40)
  })

  test.each(Object.entries(RULES))('%s', (_, rule) => {
    expect(shown(sources.flatMap(rule))).toEqual([])
  })

  test('names are kebab-case', () => {
    expect(shown(code.flatMap(checkName))).toEqual([])
  })

  // A registry that lacks builds for other systems leaves them out of the lock file, and `npm ci` then refuses it.
  test('the lock file has every optional dependency', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as LockFile
    const optional = Object.values(lock.packages).flatMap(entry => Object.keys(entry.optionalDependencies ?? {}))
    expect(optional.filter(name => lock.packages[`node_modules/${name}`] === undefined)).toEqual([])
  })

  test('texts name no machine and no registry', () => {
    const documents = [...TEXTS, ...filesBelow(ROOT, 'docs'), ...filesBelow(ROOT, 'man'), ...filesBelow(ROOT, 'src')]
    const paths = new Set([...code, ...documents.filter(path => existsSync(join(ROOT, path)))])
    expect(shown([...paths].flatMap(path => checkPlaces(path, readFileSync(join(ROOT, path), 'utf8'))))).toEqual([])
  })
})

describe('the checker', () => {
  const long = (lines: number): string => 'x()\n'.repeat(lines)

  test.each<[string, string, string]>([
    ['src/core/a.ts', "import {join} from 'node:path'", 'imports follow the table'],
    ['src/core/a.ts', "import type {X} from '../errors.ts'", 'imports follow the table'],
    ['src/core/a.ts', "export const later = () => import('../config/load.ts')", 'imports follow the table'],
    ['src/core/a.ts', "type X = import('../kernel/b.ts').X", 'imports follow the table'],
    ['src/core/vrrp/a.ts', "import {x} from './b'", 'imports follow the table'],
    ['src/config/a.ts', "import {connect} from 'node:net'", 'imports follow the table'],
    ['src/kernel/a.ts', "import koffi from 'koffi'", 'imports follow the table'],
    ['src/kernel/a.ts', "const x = require('netlink')", 'imports follow the table'],
    ['src/control/model.ts', "import {connect} from 'node:net'", 'imports follow the table'],
    ['src/agent/a.ts', "import {table} from '../cli/table.ts'", 'imports follow the table'],
    ['src/cli/a.ts', "import {x} from '../agent/channel.ts'", 'imports follow the table'],
    ['src/cli/a.ts', "import {x} from '../../commands/vip/list.ts'", 'imports follow the table'],
    ['src/watch/a.ts', "import {Box} from 'ink'", 'imports follow the table'],
    ['src/watch/a.ts', "import {x} from '../agent/channel.ts'", 'imports follow the table'],
    ['src/tui/a.tsx', "import {x} from '../cli/table.ts'\nconst y = <Text>{x}</Text>", 'imports follow the table'],
    ['src/tui/a.tsx', 'export function A() {\n  return <Text bold>{x}</Text>\n}', 'exports are documented'],
    ['src/new-folder/a.ts', "import {x} from './b.ts'", 'imports follow the table'],
    ['commands/a/b.ts', "import {runSupervisor} from '../../src/agent/supervisor/main.ts'", 'imports follow the table'],
    ['src/core/a.ts', long(401), 'files and lines are short'],
    ['test/a.test.ts', long(601), 'files and lines are short'],
    ['src/core/a.ts', `// ${'x'.repeat(120)}`, 'files and lines are short'],
    ['src/core/a.ts', `function f() {\n${long(70)}}`, 'functions are short'],
    ['src/core/a.ts', `const f = () => {\n${long(70)}}`, 'functions are short'],
    ['src/core/a.ts', `class A {\n f() {\n${long(70)}}}`, 'functions are short'],
    ['src/core/a.ts', 'export default 1', 'exports are named'],
    ['src/core/a.ts', 'export default function f() {}', 'exports are named'],
    ['src/core/a.ts', 'const a = 1; export {a as default}', 'exports are named'],
    ['src/core/a.ts', "export * from './b.ts'", 'exports are named'],
    ['src/core/a.ts', "export * as b from './b.ts'", 'exports are named'],
    ['src/core/a.ts', 'const a = b as any', 'nothing is any'],
    ['src/core/a.ts', 'function f(a: readonly any[]) {}', 'nothing is any'],
    ['src/control/a.ts', "console.log('x')", 'only the agent and the commands log'],
    ['src/cli/a.ts', 'items.forEach(console.error)', 'only the agent and the commands log'],
    ['src/core/a.ts', 'export function f() {}', 'exports are documented'],
    ['src/core/a.ts', '// says something\nexport class A {}', 'exports are documented'],
    ['src/core/a.ts', 'const now = Date.now()', 'the core is pure'],
    ['src/core/a.ts', 'const now = new Date()', 'the core is pure'],
    ['src/core/a.ts', 'const x = Math.random()', 'the core is pure'],
    ['src/core/a.ts', 'setTimeout(f, 1)', 'the core is pure'],
    ['src/core/a.ts', 'const x = process.env', 'the core is pure'],
    ['src/agent/a.ts', 'class A extends EventEmitter {}', 'classes do not inherit'],
  ])('in %s a broken rule is found', (path, text, rule) => {
    expect(RULES[rule]?.(sourceFile(path, text))).toHaveLength(1)
  })

  test.each<[string, string]>([
    ['src/core/a.ts', "import {x} from './vrrp/b.ts'\nimport type {Y} from './c.ts'"],
    ['src/config/a.ts', "import {readFileSync} from 'node:fs'\nimport {x} from '../errors.ts'"],
    ['src/kernel/libc.ts', "import koffi from 'koffi'\nimport {x} from 'node:fs'"],
    ['src/control/dial.ts', "import {connect} from 'node:net'"],
    [
      'src/cli/a.ts',
      "import {Command} from '@oclif/core/command'\nexport const x = () => import('../../commands/a/b.ts')",
    ],
    ['commands/a/b.ts', "export const x = () => import('../../src/agent/supervisor/main.ts')"],
    ['src/tui/a.tsx', "import {Text} from 'ink'\n/** Says x. */\nexport const A = () => <Text bold>{x}</Text>"],
    ['vitest.config.ts', 'export default {}'],
    ['src/core/a.ts', long(400)],
    ['src/core/a.ts', `function f() {\n${long(68)}}`],
    ['src/core/a.ts', '/** Says something. */\nexport function f() {}\nfunction g() {}'],
    ['src/core/a.ts', 'const at = new Date(iso)\nconst process_ = any_\n// Date.now() any console.log'],
    ['src/agent/a.ts', 'console.error(1)\nclass A extends Error {}'],
    ['commands/a/b.ts', 'export class A extends BaseCommand {}'],
  ])('in %s nothing is found', (path, text) => {
    expect(Object.values(RULES).flatMap(rule => rule(sourceFile(path, text)))).toEqual([])
  })

  test('names', () => {
    for (const path of ['src/core/Units.ts', 'src/core/two_words.ts', 'src/Core/a.ts', 'src/core/index.ts']) {
      expect(checkName(path)).toHaveLength(1)
    }
    for (const path of ['src/core/two-words.ts', 'test/a.test.ts', 'bin/run.cjs', 'src/kernel/x.d.ts']) {
      expect(checkName(path)).toEqual([])
    }
  })

  test('places', () => {
    const bad = ['work/main/src', 'home/somebody/x', 'root/.npmrc'].map(path => `see /${path}`)
    for (const text of [...bad, `https://registry${'.'}npmjs.org/x`, `https://nexus${'.'}example.com`]) {
      expect(checkPlaces('a.md', text)).toHaveLength(1)
    }
    for (const text of ['/etc/hactl/hactl.conf', 'src/work/x', "'./work/x'", 'the root of', 'registry of routes']) {
      expect(checkPlaces('a.md', text)).toEqual([])
    }
  })
})
