import {join} from 'node:path'
import {parseIp} from '../../core/ip.ts'
import {decodeRoute} from '../../core/netlink/route.ts'
import {decodeRule} from '../../core/netlink/rule.ts'
import type {OwnedAddress, OwnedObject, OwnedRoute, OwnedRule} from '../owned-objects.ts'
import {readStateFile, writeStateFile} from '../state-file.ts'

const FILE = 'owned-addresses.json'
/** IFNAMSIZ of <linux/if.h> less its terminating zero. */
const MAX_INTERFACE_NAME = 15
/** More next hops than a line of a configuration has. */
const MAX_DEVICES = 1_024

/** Reads what the run before may have left in the kernel. A missing file is nothing; a bad one is a reason. */
export function readOwnedAddresses(directory: string): {owned: readonly OwnedObject[]; problem: string | undefined} {
  const {entries, problem} = readStateFile(join(directory, FILE), isOwned)
  return {owned: entries, problem}
}

/** Writes the list whole to a new file, syncs it and puts it in place, before any of it is put into the kernel. */
export const writeOwnedAddresses = (directory: string, owned: readonly OwnedObject[]): void =>
  writeStateFile(join(directory, FILE), owned)

function isOwned(value: unknown): value is OwnedObject {
  if (typeof value !== 'object' || value === null) return false
  if ('route' in value) return isOwnedRoute(value)
  return 'rule' in value ? isOwnedRule(value) : isOwnedAddress(value)
}

function isOwnedAddress(value: object): boolean {
  const {interface: name, address, prefixLength, peer} = value as Partial<OwnedAddress>
  return isInterface(name) && isAddress(address) && isLength(prefixLength) && (peer === undefined || isAddress(peer))
}

function isOwnedRoute(value: object): boolean {
  const {route, devices, vrf} = value as Partial<OwnedRoute>
  const message = bytesOf(route)
  const namesAreGood = Array.isArray(devices) && devices.length <= MAX_DEVICES && devices.every(isInterface)
  return message !== undefined && decodeRoute(message).ok && namesAreGood && (vrf === undefined || isInterface(vrf))
}

function isOwnedRule(value: object): boolean {
  const message = bytesOf((value as Partial<OwnedRule>).rule)
  return message !== undefined && decodeRule(message).ok
}

const bytesOf = (hex: unknown): Buffer | undefined =>
  typeof hex === 'string' && /^(?:[0-9a-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex') : undefined

const isInterface = (name: unknown): boolean =>
  typeof name === 'string' && name.length >= 1 && name.length <= MAX_INTERFACE_NAME

const isAddress = (address: unknown): boolean => typeof address === 'string' && parseIp(address).ok

const isLength = (prefixLength: unknown): boolean =>
  Number.isInteger(prefixLength) && Number(prefixLength) >= 0 && Number(prefixLength) <= 128
