import {type IpAddress, ipFamily, ipToBytes} from '../ip.ts'
import type {DestinationId, IpvsProtocol, ServiceEntry, ServiceId} from '../ipvs/model.ts'
import {serviceFamily} from '../ipvs/names.ts'

/**
 * Services and their destinations in the order in which ipvsadm(8) prints them: by mark, family, protocol, address and
 * port. It subtracts numbers of 32 bits with a sign, which is no order where they lie far apart. What comes of that
 * depends on the way of sorting, so that this is a merge sort, as qsort(3) of glibc 2.36 is.
 */
export function sortedEntries(entries: readonly ServiceEntry[]): readonly ServiceEntry[] {
  const keyed = entries.map(entry => ({entry, key: serviceSortKey(entry.service.id)}))
  return mergeSorted(keyed).map(({entry}) => ({...entry, destinations: sortedDestinations(entry.destinations)}))
}

interface Keyed {
  /** Compared one after the other. */
  readonly key: readonly number[]
}

const PROTOCOL_NUMBERS: {readonly [protocol in IpvsProtocol]: number} = {tcp: 6, udp: 17, sctp: 132}

function sortedDestinations<Item extends DestinationId>(destinations: readonly Item[]): readonly Item[] {
  const keyed = destinations.map(entry => ({entry, key: [...addressWords(entry.address), entry.port]}))
  return mergeSorted(keyed).map(({entry}) => entry)
}

function serviceSortKey(id: ServiceId): readonly number[] {
  const family = serviceFamily(id)
  if (id.type === 'fwmark') return [id.mark | 0, family, 0, 0, 0, 0, 0, 0]
  return [0, family, PROTOCOL_NUMBERS[id.protocol], ...addressWords(id.address), id.port]
}

/** Four words of 32 bits; an IPv4 address is the first one. */
function addressWords(address: IpAddress): readonly number[] {
  const bytes = ipToBytes(address)
  const words = [bytes.readInt32BE(0), 0, 0, 0]
  if (ipFamily(address) === 6) for (const i of [1, 2, 3]) words[i] = bytes.readInt32BE(4 * i)
  return words
}

/** Below 0: `a` comes first, as the difference of the first numbers that differ has it in 32 bits. */
function difference({key: a}: Keyed, {key: b}: Keyed): number {
  for (const [i, word] of a.entries()) {
    const other = b[i] ?? 0
    if (word !== other) return (word - other) | 0
  }
  return 0
}

function mergeSorted<Item extends Keyed>(items: readonly Item[]): readonly Item[] {
  if (items.length <= 1) return items
  const middle = items.length >>> 1
  const left = mergeSorted(items.slice(0, middle))
  const right = mergeSorted(items.slice(middle))
  const merged: Item[] = []
  let [l, r] = [0, 0]
  for (let a = left[l], b = right[r]; a !== undefined && b !== undefined; a = left[l], b = right[r]) {
    if (difference(a, b) <= 0) {
      merged.push(a)
      l++
    } else {
      merged.push(b)
      r++
    }
  }
  return [...merged, ...left.slice(l), ...right.slice(r)]
}
