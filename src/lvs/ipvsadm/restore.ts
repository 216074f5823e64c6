import type {Readable} from 'node:stream'
import type {IpvsChange} from '../../core/ipvs/model.ts'
import {wordsOf} from '../../core/ipvsadm/values.ts'
import {type CommandEnd, type CommandSurroundings, runCommand, said} from './command-run.ts'
import {readCommand} from './read-command.ts'

/**
 * Carries out the command lines of standard input one after the other, as `ipvsadm -R` does: what the kernel refuses is
 * said and passed over, a line that cannot be read ends it. Changes that stand together go to the kernel together.
 */
export async function restore(stdin: Readable, surroundings: CommandSurroundings): Promise<CommandEnd> {
  const run = new RestoreRun(surroundings)
  for await (const lines of linesOf(stdin)) {
    for (const line of lines) {
      if (await run.take(line)) return run.end
    }
    // What came so far takes effect, even if whoever writes takes a rest.
    await run.flush()
  }
  return run.end
}

/** More would be no faster, and is memory. */
const MAX_CHANGES = 5_000
/** Longer lines make no sense and are refused. */
const MAX_LINE = 65_536

class RestoreRun {
  end: CommandEnd = {status: 0}
  readonly #surroundings: CommandSurroundings
  #changes: IpvsChange[] = []

  constructor(surroundings: CommandSurroundings) {
    this.#surroundings = surroundings
  }

  /** Takes one line; true: it was the last one. */
  async take(line: string): Promise<boolean> {
    const {output} = this.#surroundings
    // ipvsadm(8) passes over its own name wherever it stands.
    const words = wordsOf(line).filter(word => word !== 'ipvsadm')
    if (words.length === 0) return false
    const parsed =
      line.length > MAX_LINE ? TOO_LONG : await readCommand(words, {names: this.#surroundings.names, nested: true})
    if (parsed.type === 'command' && parsed.command.type === 'change') {
      this.#changes.push(parsed.command.change)
      if (this.#changes.length >= MAX_CHANGES) await this.flush()
      return false
    }
    await this.flush()
    if (parsed.type === 'failed') {
      await output.complain(parsed.text)
      this.end = {status: parsed.status, fatal: parsed.fatal}
    } else if (parsed.command.type !== 'restore') {
      this.end = await runCommand(parsed.command, this.#surroundings)
    }
    return this.end.fatal ?? false
  }

  async flush(): Promise<void> {
    const changes = this.#changes
    if (changes.length === 0) return
    this.#changes = []
    const results = await this.#surroundings.table.change(changes)
    for (const [i, {type}] of changes.entries()) {
      this.end = await said(this.#surroundings.output, {command: type, result: results[i]})
    }
  }
}

const TOO_LONG = {type: 'failed', status: 2, text: 'line too long\n', fatal: true} as const

/** The whole lines of each piece that arrives; a line that does not end is cut off above `MAX_LINE`. */
async function* linesOf(stdin: Readable): AsyncGenerator<readonly string[]> {
  let rest = ''
  const decoder = new TextDecoder('latin1')
  for await (const piece of stdin) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece as Uint8Array, {stream: true})
    const lines = (rest + text).split('\n')
    const last = lines.pop() ?? ''
    rest = last.slice(0, MAX_LINE + 1)
    yield lines
  }
  yield [rest]
}
