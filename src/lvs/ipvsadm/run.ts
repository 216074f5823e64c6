import type {Readable, Writable} from 'node:stream'
import type {IpvsTable} from '../../core/ipvs/table.ts'
import {USAGE, versionLine} from '../../core/ipvsadm/usage.ts'
import {HactlError} from '../../errors.ts'
import {Ipvs} from '../../kernel/ipvs.ts'
import {runCommand} from './command-run.ts'
import {NameService} from './name-service.ts'
import {Output} from './output.ts'
import {readCommand} from './read-command.ts'
import {restore} from './restore.ts'

/** What a command line of ipvsadm(8) reads, and where it writes. */
export interface IpvsadmSurroundings {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** The kernel's own unless given; one that is given stays open. */
  readonly table?: IpvsTable
}

/**
 * Does what ipvsadm 1.31 does with the same words, which are those behind the name of the program; resolves to the exit
 * code. It goes straight to the kernel: no agent hears of it. ipvsadm(8)
 */
export async function runIpvsadm(
  argv: readonly string[],
  {stdin, stdout, stderr, table: given}: IpvsadmSurroundings,
): Promise<number> {
  const output = new Output(stdout, stderr)
  const names = new NameService()
  let table: IpvsTable
  try {
    table = given ?? (await Ipvs.open())
  } catch (error) {
    return withoutIpvs(argv, {error, output})
  }
  try {
    const parsed = await readCommand(argv, {names, nested: false})
    if (parsed.type === 'failed') {
      await output.complain(parsed.text)
      return parsed.status
    }
    const surroundings = {table, names, output}
    const {command} = parsed
    const {status} =
      command.type === 'restore' ? await restore(stdin, surroundings) : await runCommand(command, surroundings)
    return status
  } finally {
    if (given === undefined) table.close()
  }
}

/** ipvsadm(8) says nothing else then, not even its usage; that much can be had without IPVS. */
async function withoutIpvs(
  argv: readonly string[],
  {error, output}: {readonly error: unknown; readonly output: Output},
): Promise<number> {
  const [first] = argv
  if (first === '-h' || first === '--help') {
    await output.print(`${versionLine('1.2.1')}${USAGE}`)
    return 0
  }
  await output.complain(`Can't initialize ipvs: ${reasonOf(error)}\n`)
  await output.complain('Are you sure that IP Virtual Server is built in the kernel or as module?\n')
  return 2
}

function reasonOf(error: unknown): string {
  if (error instanceof HactlError && error.code === 'PERMISSION') return NOT_ROOT
  return process.geteuid?.() === 0 ? 'Protocol not available' : NOT_ROOT
}

const NOT_ROOT = 'Permission denied (you must be root)'
