import type {LvsRealServer, LvsService} from '../control/lvs-model.ts'
import {shortNumber} from '../core/format.ts'
import {compareEndpoints, compareServices, endpointKey, type ServicePlace} from '../core/ipvs/endpoint-order.ts'
import {type AlignedColumn, type AlignedPart, alignedPart, alignedText} from './aligned.ts'
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

/** One service as it stands in the tree: so much of it is kept of a large table. */
export interface TreePart {
  readonly place: ServicePlace
  /** What it is sorted by before that. */
  readonly value: LvsValue
  readonly lines: AlignedPart
}

/** A line of the tree. */
interface Line {
  readonly service: LvsService
  /** Undefined: the line of the service itself. */
  readonly real: LvsRealServer | undefined
}

/** Services with their real servers under them. */
export const serviceTree = (services: readonly LvsService[], options: TreeOptions): string =>
  treeText(services.map(treeParts(options)), options)

/** What makes one service with its real servers under it of each. */
export function treeParts({columns, sort, exact = false}: TreeOptions): (service: LvsService) => TreePart {
  const laidOut = columns.map(name => treeColumn(name, exact))
  const value = valuesOf(sort)?.service
  return service => {
    const lines: Line[] = [{service, real: undefined}]
    for (const real of sortedReals(service.realServers, sort)) lines.push({service, real})
    return {place: placeOf(service), value: value?.(service) ?? null, lines: alignedPart(laidOut, lines)}
  }
}

/** The whole tree, in the order of ipvsadm(8) or by the column that its parts were made for. */
export function treeText(parts: readonly TreePart[], {columns}: Pick<TreeOptions, 'columns'>): string {
  if (parts.length === 0) return 'no services'
  const ordered = parts.toSorted((a, b) => compareValues(a.value, b.value) || compareServices(a.place, b.place))
  return alignedText(
    columns.map((name): LvsColumn => LVS_COLUMNS[name]),
    ordered.map(({lines}) => lines),
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

function treeColumn(name: LvsColumnName, exact: boolean): AlignedColumn<Line> {
  const column: LvsColumn = LVS_COLUMNS[name]
  const isName = name === 'name'
  return {
    head: column.head,
    right: column.right ?? false,
    cell: ({service, real}) => {
      const text = shown(real === undefined ? column.service(service) : column.real(real), exact)
      return isName && real !== undefined ? `  ${text}` : text
    },
    colour: ({service, real}) => {
      if (isName) return real === undefined ? 'bold' : undefined
      return name === 'state' ? stateColour(service, real) : undefined
    },
  }
}

function shown(value: LvsValue, exact: boolean): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  return exact ? String(Math.round(value * 10) / 10) : shortNumber(value)
}

function stateColour(service: LvsService, real: LvsRealServer | undefined): Colour | undefined {
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
