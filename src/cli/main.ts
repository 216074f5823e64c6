import {Config} from '@oclif/core/config'
import {VERSION} from '../version.ts'
import {COMMANDS} from './command-table.ts'
import {EXIT_CODES} from './exit-codes.ts'
import {failureOf, printFailure} from './failure.ts'
import {findCommand} from './find-command.ts'
import {describedCommands, loadable, oclifOptions} from './oclif-plugin.ts'
import {expectShortRun} from './short-run.ts'

/** Runs one command line; sets the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', leaveWithoutOutput)
  try {
    const [first, second] = argv
    if (first === 'help' && second !== undefined && Object.hasOwn(DROP_INS, second)) {
      await DROP_INS[second]?.(['-h'])
      return
    }
    if (first !== undefined && Object.hasOwn(DROP_INS, first)) {
      await DROP_INS[first]?.(argv.slice(1))
      return
    }
    const found = findCommand(argv, Object.keys(COMMANDS))
    switch (found.type) {
      case 'command':
        await runCommand(found.id, found.argv)
        return
      case 'help':
        await showHelp(found.words)
        return
      case 'version':
        process.stdout.write(`hactl ${VERSION}\n`)
        return
      case 'unknown':
        reportUnknown(found.words, found.suggestion, argv.includes('--json'))
    }
  } catch (error) {
    const failure = failureOf(error, undefined)
    process.exitCode = EXIT_CODES[failure.code]
    printFailure(failure)
  }
}

/** What takes another program's options, which oclif must not see; `bin/run.cjs` puts the word there for a link. */
const DROP_INS: {readonly [program: string]: (argv: readonly string[]) => Promise<void>} = {
  ipvsadm: runAsIpvsadm,
  genhash: runAsGenhash,
}

async function runAsIpvsadm(argv: readonly string[]): Promise<void> {
  const {runIpvsadm} = await import('../lvs/ipvsadm/run.ts')
  expectShortRun()
  const {stdin, stdout, stderr} = process
  process.exitCode = await runIpvsadm(argv, {stdin, stdout, stderr})
}

async function runAsGenhash(argv: readonly string[]): Promise<void> {
  const {runGenhash} = await import('./genhash.ts')
  process.exitCode = await runGenhash(argv)
}

async function runCommand(id: string, argv: readonly string[]): Promise<void> {
  const load = COMMANDS[id]
  if (load === undefined) throw new Error(`no command ${id}`)
  const config = new Config(oclifOptions([loadable(id, load)]))
  await config.load()
  await config.runCommand(id, [...argv])
}

async function showHelp(words: readonly string[]): Promise<void> {
  const {Help} = await import('@oclif/core/help')
  const config = new Config(oclifOptions(await describedCommands()))
  await config.load()
  await new Help(config).showHelp([...words])
}

function reportUnknown(words: readonly string[], suggestion: string | undefined, json: boolean): void {
  const failure = {
    code: 'USAGE',
    message: `unknown command "${words.join(' ').slice(0, 80)}"`,
    hint: suggestion === undefined ? 'see: hactl --help' : `did you mean "hactl ${suggestion}"? see: hactl --help`,
  } as const
  process.exitCode = EXIT_CODES.USAGE
  if (json) process.stdout.write(`${JSON.stringify({error: failure}, null, 2)}\n`)
  else printFailure(failure)
}

/** `hactl vrrp watch | head -1` is no failure; a full disk is one, and there is nowhere else to print. */
function leaveWithoutOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  printFailure({code: 'FAILED', message: `standard output cannot be written: ${error.message}`})
  process.exit(EXIT_CODES.FAILED)
}
