import {mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pidNamespace, processEntry} from './proc.ts'

const PREFIX = 'hactl-lab'
/** Those of this program that are not closed yet. */
const open = new Set<string>()

/**
 * A folder for one lab, named for the process that owns it. It is all that can be left behind: processes, mounts,
 * links and addresses live in namespaces that end with their holder, and the holder ends with the owner.
 */
export function makeLabDirectory(): string {
  sweepLeftovers()
  const startedAt = processEntry(process.pid)?.startedAt ?? 0
  const directory = mkdtempSync(join(baseDirectory(), `${PREFIX}-${pidNamespace()}-${process.pid}-${startedAt}-`))
  if (open.size === 0) process.on('exit', removeOpen)
  open.add(directory)
  return directory
}

/** Removes the folders of labs whose owner is gone; those of running owners, and of other containers, stay. */
export function sweepLeftovers(): void {
  const base = baseDirectory()
  for (const name of readdirSync(base)) {
    const [, namespace, pid, startedAt] = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-(\\d+)-`).exec(name) ?? []
    if (namespace !== pidNamespace()) continue
    const owner = processEntry(Number(pid))
    if (owner && !owner.zombie && owner.startedAt === Number(startedAt)) continue
    removeLabDirectory(join(base, name))
  }
}

/** Removes a lab's folder; one that belongs to another user stays. */
export function removeLabDirectory(directory: string): void {
  if (open.delete(directory) && open.size === 0) process.off('exit', removeOpen)
  try {
    rmSync(directory, {recursive: true, force: true, maxRetries: 3})
  } catch {
    // The next run, or its owner, sweeps it.
  }
}

/** Hosts have a /run of their own, so that nothing of theirs can lie there. */
const baseDirectory = (): string => (tmpdir().startsWith('/run') ? '/tmp' : tmpdir())

function removeOpen(): void {
  for (const directory of open) removeLabDirectory(directory)
}
