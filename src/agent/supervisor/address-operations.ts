import type {RouterConfig} from '../../config/router-config.ts'
import type {AnnounceReply, Override} from '../../control/model.ts'
import {parseIp} from '../../core/ip.ts'
import {HactlError} from '../../errors.ts'
import {parseAddressLine, writtenAddress} from './address-line.ts'
import type {OperationSources} from './operations.ts'
import type {StoredOverride} from './overrides.ts'

type Vip = RouterConfig['vips'][number]

/** What operators do with virtual addresses at run time. */
export class AddressOperations {
  readonly #sources: OperationSources

  constructor(sources: OperationSources) {
    this.#sources = sources
  }

  /** One more address for a virtual router; `instance` may be left out where there is only one. */
  async add(instance: string | undefined, line: string): Promise<Override> {
    const {board, overrides} = this.#sources
    const {name} = board.requireRouter(instance ?? this.#only())
    const parsed = parseAddressLine(line)
    if (!parsed.ok) throw new HactlError('USAGE', `${line}: ${parsed.reason}`, 'ADDRESS/LENGTH [dev INTERFACE] …')
    const address = writtenAddress(parsed.vip)
    const routers = this.#effective()
    const own = routers.find(router => router.name === name)
    const holder = routers.find(router => heldBy(router).some(vip => own && clash({router, vip}, own, parsed.vip)))
    if (holder) throw new HactlError('REFUSED', `${holder.name} has ${parsed.vip.address} already`)
    const added = overrides.add({instance: name, until: null, kind: 'vip-added', address, line})
    await this.#sources.apply()
    this.#sources.note(`${address} added by an operator`, name)
    return overrides.describe(added, this.#sources.configured())
  }

  /** One address less; `instance` may be left out where only one virtual router has it. */
  async remove(instance: string | undefined, given: string): Promise<Override> {
    const {overrides} = this.#sources
    const found = this.#effective().flatMap(router =>
      instance === undefined || router.name === instance
        ? heldBy(router)
            .map(writtenAddress)
            .filter(address => names(given, address))
            .map(address => ({router, address}))
        : [],
    )
    const [first, second] = found
    if (!first) throw new HactlError('NOT_FOUND', `no virtual router has ${given}`, 'hactl vip list shows all')
    if (second) {
      const holders = found.map(({router, address}) => `${address} (${router.name})`).join(', ')
      throw new HactlError('USAGE', `${given} is not one address: ${holders}`, 'name the length, or the instance')
    }
    const {router, address} = first
    const {name} = router
    const configured = this.#sources
      .configured()
      .some(each => each.name === name && heldBy(each).map(writtenAddress).includes(address))
    const isIt = ({kind, instance: of, address: what}: StoredOverride): boolean =>
      of === name && kind === 'vip-added' && what === address
    const {added, removed} = overrides.change(
      configured ? [{instance: name, until: null, kind: 'vip-removed', address}] : [],
      isIt,
    )
    await this.#sources.apply()
    this.#sources.note(`${address} removed by an operator`, name)
    return overrides.describe((added[0] ?? removed[0]) as StoredOverride, this.#sources.configured())
  }

  /** Announces the addresses that this node holds, or one of them, once more. */
  announce(address: string | undefined): AnnounceReply {
    const masters = this.#sources.board.routers.filter(({state, observed}) => state === 'master' && !observed)
    const vips = masters.flatMap(router =>
      router.vips.filter(
        vip =>
          vip.present &&
          (address === undefined ||
            names(address, `${vip.address}/${vip.prefixLength}`) ||
            names(address, `${vip.address}/${vip.prefixLength} dev ${vip.interface}`)),
      ),
    )
    if (vips.length === 0) {
      const what = address === undefined ? 'a virtual address' : address
      throw new HactlError('NOT_FOUND', `this node does not hold ${what}`, 'hactl vip list shows which it holds')
    }
    for (const {name} of masters) {
      const addresses = vips.filter(({instance}) => instance === name).map(vip => vip.address)
      if (addresses.length > 0) this.#sources.order({type: 'announce', name, addresses})
    }
    return {announced: vips.map(vip => `${vip.address}/${vip.prefixLength} on ${vip.interface} (${vip.instance})`)}
  }

  #effective(): readonly RouterConfig[] {
    return this.#sources.overrides.apply(this.#sources.configured()).routers
  }

  #only(): string {
    const [first, second] = this.#sources.board.routers
    if (first && !second) return first.name
    throw new HactlError('USAGE', 'which virtual router?', 'name it: --instance NAME')
  }
}

const heldBy = ({vips, excludedVips}: RouterConfig): readonly Vip[] => [...vips, ...excludedVips]

/** The same address on the same interface, whatever its length; the same link-local one may be on several. */
function clash(there: {readonly router: RouterConfig; readonly vip: Vip}, own: RouterConfig, added: Vip): boolean {
  const placeOf = (router: RouterConfig, {device}: Vip): string => device ?? router.interface
  return there.vip.address === added.address && placeOf(there.router, there.vip) === placeOf(own, added)
}

/** Whether an operator means this address: "10.0.0.1", "10.0.0.1/24" or "10.0.0.1/24 dev eth1". */
function names(given: string, address: string): boolean {
  const [first = '', ...rest] = given.trim().split(/\s+/)
  const [ip = '', length] = first.split('/')
  const parsed = parseIp(ip)
  const written = [`${parsed.ok ? parsed.value : ip}${length === undefined ? '' : `/${length}`}`, ...rest].join(' ')
  return written === address || address.startsWith(`${written} `) || address.startsWith(`${written}/`)
}
