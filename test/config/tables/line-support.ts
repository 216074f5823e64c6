import type {Config, LoadedConfig} from '../../../src/config/config.ts'
import {ROOT} from '../../../src/config/tables/root.ts'
import {INSTANCE} from '../../../src/config/tables/vrrp-instance.ts'
import {parse} from '../support.ts'

/** The blocks whose lines are addresses, routes or rules, and where their values are. */
const FIELDS = {
  virtual_ipaddress: 'vips',
  virtual_ipaddress_excluded: 'excludedVips',
  virtual_routes: 'routes',
  virtual_rules: 'rules',
  static_ipaddress: 'staticAddresses',
  static_routes: 'staticRoutes',
  static_rules: 'staticRules',
} as const

/** The name of such a block. */
export type LineBlock = keyof typeof FIELDS
type Field = (typeof FIELDS)[LineBlock]
type Values<Block extends LineBlock> = Lists[(typeof FIELDS)[Block]]
type Lists = {
  readonly [Name in Field]: Name extends keyof Config ? Config[Name] : InstanceLists[Name & keyof InstanceLists]
}
type InstanceLists = Config['instances'][number]

/** What a reading of lines gave. */
export interface ReadLines<Block extends LineBlock> {
  readonly values: Values<Block>
  /** Findings about the lines as `CODE severity COLUMN`. */
  readonly found: readonly string[]
  readonly loaded: LoadedConfig
}

/** Reads lines of a block, the block being otherwise fine. */
export function readLines<Block extends LineBlock>(block: Block, ...lines: readonly string[]): ReadLines<Block> {
  const loaded = parse(textWith(block, lines))
  const [instance] = loaded.config.instances
  const lists = {...instance, ...loaded.config} as unknown as Lists
  const field: (typeof FIELDS)[Block] = FIELDS[block]
  return {values: lists[field], found: aboutLines(loaded), loaded}
}

/** The lines that values are written as. */
export function writtenLines<Block extends LineBlock>(block: Block, values: Values<Block>): readonly string[] {
  const field = FIELDS[block]
  const schema = {...ROOT.schema, ...INSTANCE.schema} as {
    readonly [Name in Field]: {
      print(values: unknown, mode: 'given'): readonly {readonly block?: readonly {text: string}[]}[]
    }
  }
  return schema[field].print(values, 'given').flatMap(printed => printed.block?.map(({text}) => text) ?? [])
}

/** A value without where it stands. */
export const withoutPosition = (values: readonly object[]): readonly object[] =>
  values.map(value => ({...value, position: undefined}))

/** Where the lines of the block begin. */
const FIRST_LINE = 9

function textWith(block: LineBlock, lines: readonly string[]): string {
  const isStatic = block.startsWith('static')
  const isAddress = block === 'virtual_ipaddress'
  const inside = [`${block} {`, ...lines, '}']
  const addresses = isAddress ? [] : ['virtual_ipaddress { 10.0.0.1/24 }']
  const head = [
    'track_group G { group { V } }',
    'vrrp_instance V {',
    'interface eth0',
    'virtual_router_id 7',
    ...addresses,
  ]
  const before = [...head, ...(isStatic ? ['}'] : [])]
  const padding = Array.from({length: FIRST_LINE - 2 - before.length}, () => '')
  return [...before, ...padding, ...inside, ...(isStatic ? [] : ['}'])].join('\n')
}

const aboutLines = ({diagnostics}: LoadedConfig): readonly string[] =>
  diagnostics
    .filter(({code, position}) => /^HC1[25]/.test(code) && position.line >= FIRST_LINE)
    .map(({code, severity, position}) => `${code} ${severity} ${position.column}`)
