import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {ipToBytes, parseIp} from '../core/ip.ts'
import {type AlignedColumn, aligned} from './aligned.ts'
import type {Colour} from './colour.ts'
import {LVS_COLUMNS, type LvsColumn, type LvsColumnName, type LvsValue, realState, serviceState} from './lvs-columns.ts'

export interface TreeOptions {
  readonly columns: readonly LvsColumnName[]
  /** Numbers descend, texts ascend; undefined: by address. */
  readonly sort?: LvsColumnName | undefined
  /** Numbers in full. */
  readonly exact?: boolean | undefined
}

/** A line of the tree. */
interface Row {
  readonly service: LvsService
  /** Undefined: the line of the service itself. */
  readonly real: LvsRealServer | undefined
}

/** Services with their real servers under them. */
export function serviceTree(services: readonly LvsService[], {columns, sort, exact = false}: TreeOptions): string {
  if (services.length === 0) return 'no services'
  const rows = sortedServices(services, sort).flatMap((service): Row[] => [
    {service, real: undefined},
    ...sortedReals(service.realServers, sort).map(real => ({service, real})),
  ])
  return aligned(
    columns.map(name => treeColumn(name, rows, exact)),
    rows,
  )
}

/** Services in the order of ipvsadm(8): by family, protocol, address and port, then those by mark; or by a column. */
export function sortedServices(services: readonly LvsService[], sort?: LvsColumnName): readonly LvsService[] {
  return sorted(services, {compare: compareServices, value: valuesOf(sort)?.service})
}

/** Real servers by family, address and port; or by a column. */
export function sortedReals(reals: readonly LvsRealServer[], sort?: LvsColumnName): readonly LvsRealServer[] {
  return sorted(reals, {compare: compareEndpoints, value: valuesOf(sort)?.real})
}

/** A number of at most five characters: 9999, 12.3K, 988M. Units are powers of 1000. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(Number.isInteger(value) ? value : Math.round(value * 10) / 10)
  let rest = value
  let unit = -1
  // What would be rounded up to 1000 takes the next unit.
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000
    unit++
  }
  const digits = rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0
  return `${rest.toFixed(digits)}${UNITS[unit] ?? ''}`
}

const UNITS = ['K', 'M', 'G', 'T', 'P', 'E']

function treeColumn(name: LvsColumnName, rows: readonly Row[], exact: boolean): AlignedColumn<Row> {
  const column: LvsColumn = LVS_COLUMNS[name]
  const value = ({service, real}: Row): LvsValue => (real === undefined ? column.service(service) : column.real(real))
  const text = (row: Row): string => shown(value(row), exact)
  return {
    head: column.head,
    right: isOfNumbers(rows, value),
    cell: name === 'name' ? row => `${row.real === undefined ? '' : '  '}${text(row)}` : text,
    colour: row => {
      if (name === 'name') return row.real === undefined ? 'bold' : undefined
      return name === 'state' ? stateColour(row) : undefined
    },
  }
}

/** A column has numbers or texts, and may have nothing in some rows. */
function isOfNumbers(rows: readonly Row[], value: (row: Row) => LvsValue): boolean {
  for (const row of rows) {
    const one = value(row)
    if (one !== null) return typeof one === 'number'
  }
  return false
}

function shown(value: LvsValue, exact: boolean): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  return exact ? String(Math.round(value * 10) / 10) : shortNumber(value)
}

function stateColour({service, real}: Row): Colour | undefined {
  const {present, drift, origin} = real ?? service
  if (real?.held) return 'yellow'
  if (!present) return 'red'
  if (drift !== null) return 'yellow'
  if (origin === 'foreign' || origin === 'override') return 'cyan'
  return (real === undefined ? serviceState(service) : realState(real)) === '-' ? 'dim' : undefined
}

function valuesOf(sort: LvsColumnName | undefined): LvsColumn | undefined {
  return sort === undefined || sort === 'name' ? undefined : LVS_COLUMNS[sort]
}

interface SortBy<Item extends Endpoint> {
  readonly compare: (a: Keyed<Item>, b: Keyed<Item>) => number
  /** Undefined: by nothing else. */
  readonly value: ((item: Item) => LvsValue) | undefined
}

interface Keyed<Item> {
  readonly item: Item
  readonly key: EndpointKey
  readonly value: LvsValue
}

function sorted<Item extends Endpoint>(items: readonly Item[], {compare, value}: SortBy<Item>): readonly Item[] {
  const keyed = items.map((item): Keyed<Item> => ({item, key: endpointKey(item), value: value?.(item) ?? null}))
  keyed.sort((a, b) => compareValues(a.value, b.value) || compare(a, b))
  return keyed.map(({item}) => item)
}

function compareValues(a: LvsValue, b: LvsValue): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return 0
}

/** Protocols in the order of their numbers. <linux/in.h> */
const PROTOCOLS = ['tcp', 'udp', 'sctp']

function compareServices(a: Keyed<LvsService>, b: Keyed<LvsService>): number {
  const [one, other] = [a.item, b.item]
  return (
    (one.mark ?? 0) - (other.mark ?? 0) ||
    one.family - other.family ||
    PROTOCOLS.indexOf(one.protocol ?? '') - PROTOCOLS.indexOf(other.protocol ?? '') ||
    compareEndpoints(a, b)
  )
}

interface Endpoint {
  readonly address: string | null
  readonly port: number | null
}

/** What sorts as addresses and ports do: IPv4 as one number, everything else as a text behind it. */
type EndpointKey = number | string

function compareEndpoints({key: a}: {readonly key: EndpointKey}, {key: b}: {readonly key: EndpointKey}): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1
  if (typeof b === 'number') return 1
  return a < b ? -1 : a > b ? 1 : 0
}

function endpointKey({address, port}: Endpoint): EndpointKey {
  const number = ipv4Number(address ?? '')
  if (number >= 0) return number * 65_536 + (port ?? 0)
  const parsed = parseIp(address ?? '')
  const bytes = parsed.ok ? ipToBytes(parsed.value) : Buffer.alloc(0)
  return `${String(bytes.length).padStart(2, '0')}${bytes.toString('hex')}${String(port ?? 0).padStart(5, '0')}`
}

/** The number of an IPv4 address; -1: it is none. */
function ipv4Number(address: string): number {
  let [number, byte, dots] = [0, 0, 0]
  for (let i = 0; i < address.length; i++) {
    const digit = address.charCodeAt(i) - ZERO
    if (digit === DOT) {
      number = number * 256 + byte
      byte = 0
      dots++
    } else if (digit < 0 || digit > 9) return -1
    else byte = byte * 10 + digit
  }
  return dots === 3 ? number * 256 + byte : -1
}

const ZERO = 0x30
const DOT = 0x2e - ZERO
