import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {shortNumber} from '../core/format.ts'
import {compareEndpoints, compareServices, endpointKey, type ServicePlace} from '../core/ipvs/endpoint-order.ts'
import {type AlignedColumn, aligned} from './aligned.ts'
import type {Colour} from './colour.ts'
import {
  isMissing,
  LVS_COLUMNS,
  type LvsColumn,
  type LvsColumnName,
  type LvsValue,
  realState,
  serviceState,
} from './lvs-columns.ts'

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
  return sorted(services, {keyOf: placeOf, compare: compareServices, value: valuesOf(sort)?.service})
}

/** Real servers by family, address and port; or by a column. */
export function sortedReals(reals: readonly LvsRealServer[], sort?: LvsColumnName): readonly LvsRealServer[] {
  return sorted(reals, {keyOf: endpointKey, compare: compareEndpoints, value: valuesOf(sort)?.real})
}

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
  if (real === undefined ? !present : isMissing(real)) return 'red'
  // A real server that is not in service, or a sorry server that is.
  if (real?.checked && real.checked.isSorryServer === (real.checked.standing === 'in')) return 'yellow'
  if (drift !== null) return 'yellow'
  if (origin === 'foreign' || origin === 'override') return 'cyan'
  return (real === undefined ? serviceState(service) : realState(real)) === '-' ? 'dim' : undefined
}

function valuesOf(sort: LvsColumnName | undefined): LvsColumn | undefined {
  return sort === undefined || sort === 'name' ? undefined : LVS_COLUMNS[sort]
}

interface SortBy<Item, Key> {
  readonly keyOf: (item: Item) => Key
  readonly compare: (a: Key, b: Key) => number
  /** Undefined: by nothing else. */
  readonly value: ((item: Item) => LvsValue) | undefined
}

function sorted<Item, Key>(items: readonly Item[], {keyOf, compare, value}: SortBy<Item, Key>): readonly Item[] {
  const keyed = items.map(item => ({item, key: keyOf(item), value: value?.(item) ?? null}))
  keyed.sort((a, b) => compareValues(a.value, b.value) || compare(a.key, b.key))
  return keyed.map(({item}) => item)
}

const placeOf = (service: LvsService): ServicePlace => ({
  mark: service.mark ?? 0,
  family: service.family,
  protocol: service.protocol ?? '',
  key: endpointKey(service),
})

function compareValues(a: LvsValue, b: LvsValue): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return 0
}
