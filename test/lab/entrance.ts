import type {LabMode} from './availability.ts'
import {runToEnd} from './lab-process.ts'

/** How commands get into a namespace. */
export interface Entrance {
  readonly pid: number
  readonly mode: LabMode
}

/** The arguments that put a command into these namespaces of a process. */
export const enter = ({pid, mode}: Entrance, namespaces: readonly string[]): readonly string[] => [
  'nsenter',
  `--target=${pid}`,
  ...(mode === 'user' ? ['--user', '--preserve-credentials'] : []),
  ...namespaces.map(namespace => `--${namespace}`),
  '--',
]

/** Runs several `ip` commands in one process. */
export async function ipBatch(entrance: Entrance, commands: readonly string[]): Promise<void> {
  // Process numbers in these commands are ours: the process namespace is not entered.
  const argv = [...enter(entrance, ['net']), 'ip', '-batch', '-']
  await runToEnd(`ip ${commands.join('; ')}`, argv, {input: `${commands.join('\n')}\n`})
}
