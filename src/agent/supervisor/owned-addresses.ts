import {closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import type {Config} from '../../config/config.ts'
import {routersOf} from '../../config/router-config.ts'
import {parseIp} from '../../core/ip.ts'
import {errorText} from '../../errors.ts'
import type {OwnedAddress} from '../channel.ts'

const FILE = 'owned-addresses.json'
const MAX_FILE_BYTES = 1024 * 1024
/** IFNAMSIZ of <linux/if.h> less its terminating zero. */
const MAX_INTERFACE_NAME = 15

/** Every address that a configuration can put on an interface. */
export function addressesOf(config: Config): readonly OwnedAddress[] {
  return routersOf(config).flatMap(instance =>
    instance.vips.map(vip => ({
      interface: vip.device ?? instance.interface,
      address: vip.address,
      prefixLength: vip.prefixLength,
    })),
  )
}

/** Reads what the run before may have left on interfaces. A missing file is nothing; a bad one is a reason. */
export function readOwnedAddresses(directory: string): {owned: readonly OwnedAddress[]; problem: string | undefined} {
  const path = join(directory, FILE)
  try {
    const text = readFileSync(path, 'utf8')
    if (text.length > MAX_FILE_BYTES) throw new Error('it is too large')
    const value: unknown = JSON.parse(text)
    if (!Array.isArray(value)) throw new Error('it is no list')
    return {owned: value.filter(isOwned), problem: undefined}
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {owned: [], problem: undefined}
    return {owned: [], problem: `${path} could not be used: ${errorText(error)}`}
  }
}

/** Writes the list whole to a new file, syncs it and puts it in place, before any of the addresses is added. */
export function writeOwnedAddresses(directory: string, owned: readonly OwnedAddress[]): void {
  const path = join(directory, FILE)
  const fresh = `${path}.new`
  try {
    const fd = openSync(fresh, 'w', 0o640)
    try {
      writeSync(fd, `${JSON.stringify(owned)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, {force: true})
    throw error
  }
}

function isOwned(value: unknown): value is OwnedAddress {
  if (typeof value !== 'object' || value === null) return false
  const {interface: name, address, prefixLength} = value as Partial<OwnedAddress>
  return (
    typeof name === 'string' &&
    name.length >= 1 &&
    name.length <= MAX_INTERFACE_NAME &&
    typeof address === 'string' &&
    parseIp(address).ok &&
    Number.isInteger(prefixLength)
  )
}
