import type {InterfaceIndex} from '../../core/units.ts'
import type {Network} from '../../kernel/network.ts'

/** What a line of the configuration needs to know of the interfaces that it names. */
export interface LinkLookup {
  indexOf(name: string): InterfaceIndex | undefined
  /** The routing table of a VRF. */
  tableOf(vrf: string): number | undefined
}

/** The interfaces as they are now. */
export const lookupIn = (network: Pick<Network, 'link'>): LinkLookup => ({
  indexOf: name => network.link(name)?.index,
  tableOf: vrf => network.link(vrf)?.table,
})

/** A line in the kernel's terms, or why it cannot be put there now. */
export type Translated<Spec> = {readonly ok: true; readonly spec: Spec} | {readonly ok: false; readonly reason: string}

/** Looks up what a line names; what is not there counts as 0, and the line is not used. */
export interface Needs {
  /** The number of an interface. */
  index(name: string): InterfaceIndex
  /** The routing table of a VRF. */
  table(vrf: string): number
  /** A number of /etc/iproute2; a name that is still one was not known to the supervisor. */
  number(id: number | string): number
}

/** Translates a line; everything that it needs has to be there. */
export function translated<Spec>(links: LinkLookup, translate: (needs: Needs) => Spec): Translated<Spec> {
  const lacks: string[] = []
  const found = <Value extends number>(value: Value | undefined, lack: string): Value => {
    if (value === undefined) lacks.push(lack)
    return value ?? (0 as Value)
  }
  const spec = translate({
    index: name => found(links.indexOf(name), `interface ${name} does not exist`),
    table: vrf => found(links.tableOf(vrf), `there is no VRF ${vrf}`),
    number: id => found(typeof id === 'number' ? id : undefined, `no number is known for the name ${id}`),
  })
  const [reason] = lacks
  return reason === undefined ? {ok: true, spec} : {ok: false, reason}
}
