import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** What a guest leaves for its host: its answer, or what it failed of. */
export type GuestEnd<Answer> =
  | {readonly answer: Answer}
  | {readonly error: {readonly message: string; readonly stack: string}}

/** Names of the files by which host and guest talk, in the folder that both see. */
export const INPUT_FILE = 'input.json'
export const END_FILE = 'end.json'

/**
 * What a guest program calls, once, at its top level: `work` gets what `runInUml` was given and its answer goes back,
 * both as JSON. The program ends then, whatever still runs in it.
 */
export function guest<Input, Answer>(work: (input: Input) => Promise<Answer> | Answer): void {
  const directory = process.argv[2] ?? '.'
  const end = (how: GuestEnd<Answer>, code: number): void => {
    writeFileSync(join(directory, END_FILE), JSON.stringify(how))
    process.exit(code)
  }
  const failed = (error: unknown): void => {
    const {message, stack = message} = error instanceof Error ? error : new Error(String(error))
    end({error: {message, stack}}, 1)
  }
  process.once('uncaughtException', failed)
  void (async () => {
    const input = JSON.parse(readFileSync(join(directory, INPUT_FILE), 'utf8')) as Input
    end({answer: await work(input)}, 0)
  })().catch(failed)
}
