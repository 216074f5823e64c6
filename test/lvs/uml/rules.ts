import {join} from 'node:path'
import type {Host} from '../../lab/host.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import {repoRoot} from '../../lab/repo-root.ts'

/** Puts rules, in the language of ipvsadm -S, into the table of a host, which is emptied before. */
export async function rules(host: Host, ...lines: readonly string[]): Promise<void> {
  await host.run(['ipvsadm', '-C'])
  await lvs(host, ['restore', '-'], `${lines.join('\n')}\n`)
}

/** Runs `hactl lvs … --direct` on a host. */
export async function lvs(host: Host, args: readonly string[], input?: string): Promise<void> {
  await host.run(command(args), {timeoutMs: 30_000, ...(input === undefined ? {} : {input})})
}

/** The same for a command that goes on for some time. */
export const startLvs = (host: Host, args: readonly string[]): Promise<LabProcess> => host.start(command(args))

const command = (args: readonly string[]): readonly string[] => [
  ...[process.execPath, join(repoRoot(), 'bin', 'run.cjs'), 'lvs', ...args, '--direct'],
]
