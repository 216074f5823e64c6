import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {runHactl} from './run-hactl.ts'

const explain = (...argv: string[]) => runHactl(['config', 'explain', ...argv])

interface Reply {
  readonly kind: string
  readonly observedAt: string
  readonly items: readonly {readonly [name: string]: unknown}[]
}

test('config explain KEYWORD: what the manual says of it', async () => {
  const {code, stdout, stderr} = await explain('priority')
  expect(stdout).toMatch(/^priority 1\.\.255\n {2}the highest becomes master/)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test.each([
  ['a keyword', ['priority'], 'Keyword', {keyword: 'priority', block: 'vrrp_instance', form: '1..255', actedOn: true}],
  ['a keyword of a block', ['url.digest'], 'Keyword', {keyword: 'digest', block: 'url'}],
  ['an option', ['noprefixroute'], 'Option', {words: ['noprefixroute'], actedOn: true}],
  ['a word of the text', ['$_PWD'], 'TextWord', {word: '_PWD'}],
  ['a code', ['hc1203'], 'DiagnosticCode', {code: 'HC1203', severity: 'error', class: 'syntax'}],
  ['every code', ['--codes'], 'DiagnosticCode', {code: 'HC1001'}],
  ['what is not acted on', ['--unsupported'], 'Keyword', {block: ''}],
  ['every block', [], 'Block', {name: ''}],
])('config explain --json: %s', async (_what, argv, kind, first) => {
  const {code, stdout, stderr} = await explain(...argv, '--json')
  const reply = JSON.parse(stdout) as Reply
  expect(reply.kind).toBe(kind)
  expect(reply.observedAt).toMatch(/^\d{4}-/)
  expect(reply.items[0]).toMatchObject(first)
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test.each([
  ['a keyword that is none', ['prioritty'], 5, 'no keyword and no code is "prioritty"\n  did you mean priority?'],
  ['a code that is none', ['HC9999'], 5, 'is "HC9999"\n  see the codes: hactl config explain --codes'],
  ['nothing', [''], 5, 'is ""\n  see the blocks: hactl config explain'],
  ['control characters', ['\u001b[2J'], 5, String.raw`is "\u001b[2J"`],
  ['a flag that is none', ['--unsuported'], 2, 'nonexistent flag: --unsuported'],
  ['two words', ['priority', 'state'], 2, 'unexpected argument: state'],
  ['a word and a list', ['priority', '--codes'], 2, 'of WORD, --unsupported and --codes only one can be given'],
  ['two lists', ['--unsupported', '--codes'], 2, 'only one can be given'],
])('config explain refuses %s', async (_what, argv, code, message) => {
  const outcome = await explain(...argv)
  expect(outcome.stderr).toContain(message)
  expect(outcome).toMatchObject({code, stdout: ''})
})

test('config explain into a pipe that is closed early ends quietly', async () => {
  const hactl = join(import.meta.dirname, '..', '..', 'bin', 'run.cjs')
  const script = `"$0" "$1" config explain --codes --json | head -n 1; echo "\${PIPESTATUS[0]}"`
  const child = spawn('bash', ['-c', script, process.execPath, hactl], {stdio: ['ignore', 'pipe', 'pipe']})
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => {
    stdout += String(chunk)
  })
  child.stderr.on('data', chunk => {
    stderr += String(chunk)
  })
  await once(child, 'close')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^\{\n(0|141)\n$/)
})
