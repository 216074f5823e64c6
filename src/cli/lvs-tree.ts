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
  return sorted(services, {key: serviceOrder, value: valuesOf(sort)?.service})
}

/** Real servers by family, address and port; or by a column. */
export function sortedReals(reals: readonly LvsRealServer[], sort?: LvsColumnName): readonly LvsRealServer[] {
  return sorted(reals, {key: endpointOrder, value: valuesOf(sort)?.real})
}

/** A number of at most five characters: 9999, 12.3K, 988M. Units are powers of 1000. */
export function shortNumber(value: number): string {
  if (value < 10_000) return String(Math.round(value * 10) / 10)
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
    right: rows.some(row => typeof value(row) === 'number'),
    cell: name === 'name' ? row => `${row.real === undefined ? '' : '  '}${text(row)}` : text,
    colour: row => {
      if (name === 'name') return row.real === undefined ? 'bold' : undefined
      return name === 'state' ? stateColour(row) : undefined
    },
  }
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

interface SortBy<Item> {
  readonly key: (item: Item) => string
  /** Undefined: by the key alone. */
  readonly value: ((item: Item) => LvsValue) | undefined
}

function sorted<Item>(items: readonly Item[], {key, value}: SortBy<Item>): readonly Item[] {
  const keyed = items.map(item => ({item, key: key(item), value: value?.(item) ?? null}))
  keyed.sort((a, b) => compareValues(a.value, b.value) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return keyed.map(({item}) => item)
}

function compareValues(a: LvsValue, b: LvsValue): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return 0
}

/** Protocols in the order of their numbers. <linux/in.h> */
const PROTOCOLS = ['tcp', 'udp', 'sctp']

/** A text that sorts as services do. */
function serviceOrder({mark, family, protocol, address, port}: LvsService): string {
  const numbered = String(mark ?? 0).padStart(10, '0')
  return `${numbered}${family}${PROTOCOLS.indexOf(protocol ?? '')}${endpointOrder({address, port})}`
}

interface Endpoint {
  readonly address: string | null
  readonly port: number | null
}

/** A text that sorts as addresses and ports do. */
function endpointOrder({address, port}: Endpoint): string {
  const parsed = parseIp(address ?? '')
  const bytes = parsed.ok ? ipToBytes(parsed.value) : Buffer.alloc(0)
  return `${String(bytes.length).padStart(2, '0')}${bytes.toString('hex')}${String(port ?? 0).padStart(5, '0')}`
}
