import {realpathSync} from 'node:fs'
import {dirname, resolve} from 'node:path'
import {build} from 'esbuild'
import {repoRoot} from '../repo-root.ts'
import {END_FILE, type GuestEnd, INPUT_FILE} from './guest.ts'
import {bootUml, type UmlEnd} from './machine.ts'

/** What a guest is and gets. */
export interface UmlRun {
  /** Path of a TypeScript program that calls `guest`. */
  readonly guest: string
  /** Anything that JSON can carry. */
  readonly input?: unknown
  /** From start to end, boot included (3 s); one minute unless given. */
  readonly timeoutMs?: number
  /** Memory of the guest, MiB; 512 unless given. */
  readonly memoryMb?: number
}

/**
 * Runs a program as root on a machine of its own that has IPVS: User-Mode Linux over the files of this machine, which it
 * can read but not change. Rejects with the guest's own error, or with what it and its kernel said last.
 */
export async function runInUml<Answer>({guest, input, timeoutMs, memoryMb}: UmlRun): Promise<Answer> {
  const job = {
    files: {'guest.cjs': await bundle(guest), [INPUT_FILE]: JSON.stringify(input ?? null)},
    script: 'exec node --enable-source-maps guest.cjs .\n',
    ...(timeoutMs === undefined ? {} : {timeoutMs}),
    ...(memoryMb === undefined ? {} : {memoryMb}),
  }
  return bootUml(job, end => answerOf<Answer>(guest, end))
}

function answerOf<Answer>(name: string, end: UmlEnd): Answer {
  const text = end.read(END_FILE)
  const said = text === undefined ? undefined : (JSON.parse(text) as GuestEnd<Answer>)
  if (said !== undefined && 'answer' in said && end.code === 0) return said.answer
  if (said === undefined || !('error' in said)) throw new Error(`${name}: ${howItEnded(end)}${lastWords(end)}`)
  const error = new Error(said.error.message)
  error.stack = `${said.error.stack}\n    in the guest ${name}${lastWords({...end, console: ''})}`
  throw error
}

/** For messages: how a machine ended that gave no answer. */
export function howItEnded({code, timedOut}: Pick<UmlEnd, 'code' | 'timedOut'>): string {
  if (timedOut) return 'took too long and was ended'
  return code === undefined ? 'the machine ended before the program in it' : `ended with ${code} and without an answer`
}

const lastWords = (end: Pick<UmlEnd, 'stdout' | 'stderr' | 'console'>): string =>
  (['stdout', 'stderr', 'console'] as const)
    .map(name => ({name, text: end[name].trim().slice(-4_000)}))
    .filter(({text}) => text !== '')
    .map(({name, text}) => `\n--- ${name}:\n${text}`)
    .join('')

/** One CommonJS file that finds packages with native code, and the checkout, where they are. */
async function bundle(guest: string): Promise<string> {
  const entry = realpathSync(resolve(guest))
  const {outputFiles} = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    sourcesContent: false,
    sourceRoot: `${dirname(entry)}/`,
    outfile: `${entry}.cjs`,
    external: NATIVE,
    define: {
      HACTL_VERSION: '"0.0.0"',
      'import.meta.dirname': JSON.stringify(dirname(entry)),
      'import.meta.url': JSON.stringify(`file://${entry}`),
    },
    // The bundle lies outside of the checkout.
    banner: {js: `require = require('node:module').createRequire(${JSON.stringify(`${repoRoot()}/package.json`)});`},
    logLevel: 'warning',
  })
  return outputFiles[0]?.text ?? ''
}

const NATIVE = ['koffi', 'netlink', 'raw-socket']
