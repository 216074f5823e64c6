import {readFileSync, readlinkSync} from 'node:fs'
import {join} from 'node:path'
import {errorText} from '../../errors.ts'
import {setAside, writeStateFile} from '../state-file.ts'
import type {ChangedSysctl} from '../vrrp/own-devices-sysctls.ts'

const FILE = 'changed-sysctls.json'
const MAX_FILE_BYTES = 4 * 1024 * 1024

/**
 * Reads what the run before changed and did not put back. What is of another boot or of another network namespace
 * counts as nothing: the kernel began anew. A missing file is nothing; a bad one is a reason.
 */
export function readChangedSysctls(directory: string): {
  readonly changed: readonly ChangedSysctl[]
  readonly problem: string | undefined
} {
  const path = join(directory, FILE)
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length > MAX_FILE_BYTES) throw new Error('it is too large')
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) throw new Error('it is no object')
    const {kernel, changed} = value as {readonly kernel?: unknown; readonly changed?: unknown}
    if (!Array.isArray(changed)) throw new Error('it has no list')
    return {changed: kernel === kernelIdentity() ? changed.filter(isChanged) : [], problem: undefined}
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {changed: [], problem: undefined}
    setAside(path)
    return {changed: [], problem: `${path} could not be used and was set aside: ${errorText(error)}`}
  }
}

/** Writes the list whole to a new file, syncs it and puts it in place. */
export const writeChangedSysctls = (directory: string, changed: readonly ChangedSysctl[]): void =>
  writeStateFile(join(directory, FILE), {kernel: kernelIdentity(), changed})

/** The boot and the network namespace: settings live as long as these. */
const kernelIdentity = (): string =>
  `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/net')}`

function isChanged(value: unknown): value is ChangedSysctl {
  if (typeof value !== 'object' || value === null) return false
  const {family, interface: device, name, index, value: written, original} = value as Partial<ChangedSysctl>
  return (
    (family === 4 || family === 6) &&
    [device, name, written, original].every(text => typeof text === 'string' && text.length <= LONGEST_TEXT) &&
    (index === undefined || Number.isInteger(index))
  )
}

const LONGEST_TEXT = 64
