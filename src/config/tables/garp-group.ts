import {interfaceName, seconds} from '../schema/arguments.ts'
import {type BlockHead, headedBlocks, inherited, type NamedAt, nameList} from '../schema/entries.ts'
import {blockKind, type Entry, type Item, REFUSED} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import {writtenWord} from '../text/written.ts'
import {decimals} from './global-arguments.ts'

/** `garp_group` as it stands in the text: interfaces that share the delay between announcements. */
export interface GarpGroupSettings {
  readonly garpIntervalMs: number | undefined
  readonly gnaIntervalMs: number | undefined
  /** From lines `interface`. */
  readonly singleInterfaces: readonly NamedAt[]
  /** From the block `interfaces`. */
  readonly interfaces: readonly NamedAt[]
}

const INTERVAL = decimals(6, seconds({min: 0, max: 2_147.483_647}))

const INTERFACE: Entry<readonly NamedAt[]> = {
  keywords: [{name: 'interface', form: interfaceName.form, doc: 'an interface of the group', defaultText: 'none'}],
  initial: [],
  repeats: 'collects',
  read: (statement, previous, context) => {
    const name = readArguments(statement, interfaceName, context)
    return name === REFUSED ? REFUSED : [...previous, {name, position: statement.position}]
  },
  print: names => names.map(({name}) => ({text: `interface ${writtenWord(name)}`})),
}

/** The table of `garp_group`. */
export const GARP_GROUP = blockKind<GarpGroupSettings>('garp_group', {
  garpIntervalMs: inherited('garp_interval', INTERVAL, {
    doc: 'least time between two gratuitous ARP packets on all these interfaces together',
    defaultText: 'none; one of the two has to be given',
  }),
  gnaIntervalMs: inherited('gna_interval', INTERVAL, {
    doc: 'least time between two unsolicited neighbour advertisements on all these interfaces together',
    defaultText: 'none; one of the two has to be given',
  }),
  singleInterfaces: INTERFACE,
  interfaces: nameList('interfaces', {doc: 'interfaces of the group'}, 'INTERFACE'),
})

const NO_NAME: BlockHead<object> = {form: '', duplicate: undefined, nameOf: () => '', read: () => ({}), print: () => ''}

const GROUPS = headedBlocks<GarpGroupSettings, object>(GARP_GROUP, NO_NAME, {
  doc: 'interfaces that share the delay between announcements',
})

/** The entry of `garp_group`. */
export const GARP_GROUPS: Entry<readonly Item<GarpGroupSettings>[]> = {
  ...GROUPS,
  keywords: GROUPS.keywords.map(facts => ({...facts, form: '{ … }'})),
}
