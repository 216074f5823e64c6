import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {COMMANDS} from '../../src/cli/command-table.ts'
import {
  type CommandProgress,
  isReadingCommand,
  READING_COMMANDS,
  runCommand,
  splitWords,
} from '../../src/tui/command-line.ts'
import {quietPicture} from './pictures.ts'
import {show} from './show.ts'

const directory = mkdtempSync(join(tmpdir(), 'hactl-command-line-'))
afterAll(() => rmSync(directory, {recursive: true, force: true}))

function program(text: string): string {
  const file = join(directory, `${Math.random()}.cjs`)
  writeFileSync(file, text)
  return file
}

const LB1 = {name: 'lb1', given: 'ssh://lb1', target: {host: 'ssh://lb1'}}

/** What a program printed in the end. */
function output(text: string, words: readonly string[] = [], address = LB1): Promise<CommandProgress> {
  return new Promise(resolve => {
    const onProgress = (progress: CommandProgress): void => {
      if (progress.ended !== undefined) resolve(progress)
    }
    runCommand({words, address, width: 80, program: program(text), onProgress})
  })
}

describe('words', () => {
  test.each([
    ['vrrp why VI_1', ['vrrp', 'why', 'VI_1']],
    ['  hactl  vrrp status ', ['vrrp', 'status']],
    [`vrrp release VI_1 --reason "kernel update"`, ['vrrp', 'release', 'VI_1', '--reason', 'kernel update']],
    [`a 'b "c"' "d 'e'" "f\\"g" h\\ i`, ['a', 'b "c"', "d 'e'", 'f"g', 'h i']],
    [`--reason=''`, ['--reason=']],
    [`'' x`, ['', 'x']],
    ['', []],
  ])('%s', (text, words) => {
    expect(splitWords(text)).toEqual({ok: true, words})
  })

  test.each([
    [`a "b`, 'the quote " is not closed'],
    [`a 'b`, "the quote ' is not closed"],
    ['a \\', 'nothing follows the last \\'],
    ['vrrp status | head', '| means nothing here'],
    ['vrrp show $X', '$ means nothing here'],
    ['a; b', '; means nothing here'],
  ])('%s: %s', (text, problem) => {
    expect(splitWords(text)).toEqual({ok: false, problem})
  })
})

describe('commands that read', () => {
  test('are commands', () => {
    const known = Object.keys(COMMANDS).map(id => id.replaceAll(':', ' '))
    // Those of a cluster are made beside this.
    const strange = READING_COMMANDS.filter(command => !known.includes(command) && !command.startsWith('cluster '))
    expect(strange).toEqual([])
  })

  test.each([
    [['vrrp', 'status'], true],
    [['vrrp', 'release', 'VI_1'], false],
    [['lvs', 'sync', 'status'], true],
    [['lvs', 'sync', 'stop'], false],
    [['lvs', 'stats', '--zero'], false],
    [['ipvsadm', '-C'], false],
    [['--socket', 'x', 'vrrp', 'status'], false],
    [[], false],
  ] as const)('%j: %s', (words, reads) => {
    expect(isReadingCommand(words)).toBe(reads)
  })
})

describe('a command', () => {
  test('runs for the chosen node, unless it names another, without colours and a terminal', async () => {
    const tell = `console.log(process.env.HACTL_HOST, process.env.HACTL_SOCKET, process.env.NO_COLOR, process.argv.slice(2))`
    expect(await output(tell, ['a b'])).toEqual({
      lines: ["ssh://lb1 undefined 1 [ 'a b' ]"],
      ended: 'exit code 0',
    })
    const here = {name: 'local', given: 'local', target: {}}
    expect((await output(tell, [], here as never)).lines[0]).toBe('undefined /run/hactl/agent.sock 1 []')
    expect((await output(tell, ['--host', 'ssh://lb2'])).lines[0]).toMatch(/^undefined undefined/)
    expect((await output(`console.log(process.stdin.isTTY, process.stdout.isTTY)`)).lines).toEqual([
      'undefined undefined',
    ])
  })

  test('shows errors and the exit code, and folds long lines', async () => {
    const progress = await output(`console.error('x'.repeat(100)); process.exitCode = 3`)
    expect(progress).toEqual({lines: ['x'.repeat(80), 'x'.repeat(20)], ended: 'exit code 3'})
  })

  test('is ended when it prints without an end', async () => {
    const endless = `const go = () => process.stdout.write('y'.repeat(65536) + '\\n', go); go()`
    const {lines, ended} = await output(endless)
    expect(ended).toBe('ended after 1 MB of output')
    expect(lines.join('').length).toBeLessThanOrEqual(1_000_000)
  })

  test('that is no program says so', async () => {
    const ended = await output(`require('./nothing')`)
    expect(ended.ended).toBe('exit code 1')
  })

  test('is shown on a page, and ended with it', async () => {
    const alive = join(directory, 'alive')
    const text = `require('fs').writeFileSync(${JSON.stringify(alive)}, String(process.pid)); console.log('begun'); setInterval(() => {}, 1000)`
    const {type, lines, close} = await show(quietPicture(), {program: program(text)})
    try {
      await type(':', ...'vrrp watch', '\r')
      await expect.poll(() => lines().join('\n')).toMatch(/── hactl vrrp watch \(lb1\): runs[^\n]*\nbegun/)
      const pid = Number(readFileSync(alive, 'utf8'))
      expect(isAlive(pid)).toBe(true)
      await type('\u001b')
      expect(lines().join('\n')).not.toContain('begun')
      await expect.poll(() => isAlive(pid)).toBe(false)
    } finally {
      close()
    }
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
