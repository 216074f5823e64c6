import {parseIp} from '../core/ip.ts'
import {HactlError} from '../errors.ts'
import type {ClusterRouter} from '../watch/model.ts'

/**
 * The virtual router that somebody means by its name on any node, its VRID, or one of its virtual addresses. Throws
 * NOT_FOUND, and USAGE where several could be meant.
 */
export function findRouter(routers: readonly ClusterRouter[], text: string): ClusterRouter {
  const byName = routers.filter(router => namesOf(router).includes(text))
  const found = byName.length > 0 ? byName : routers.filter(router => isMeant(router, text))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first !== undefined) {
    const list = found.map(({name, vrid, family}) => `${name} (VRID ${vrid}, IPv${family})`).join(', ')
    throw new HactlError('USAGE', `${text.slice(0, 80)} may be ${list}`, 'say its name, or one of its addresses')
  }
  const known = routers.slice(0, MAX_LISTED).map(({name}) => name)
  const more = routers.length > known.length ? ', …' : ''
  const hint = known.length === 0 ? 'these nodes have none' : `there is ${known.join(', ')}${more}`
  throw new HactlError('NOT_FOUND', `no virtual router ${text.slice(0, 80)} on these nodes`, hint)
}

/** An address without the length of its prefix, in its one form; undefined for anything else. */
export function addressIn(text: string): string | undefined {
  const parsed = parseIp(text.split('/', 1)[0] ?? '')
  return parsed.ok ? parsed.value : undefined
}

const MAX_LISTED = 10

const namesOf = ({name, onNodes}: ClusterRouter): readonly string[] => [
  name,
  ...onNodes.flatMap(node => node?.router.name ?? []),
]

function isMeant({vrid, vips}: ClusterRouter, text: string): boolean {
  if (/^\d{1,3}$/.test(text)) return vrid === Number(text)
  const address = addressIn(text)
  return address !== undefined && vips.some(vip => addressIn(vip) === address)
}
