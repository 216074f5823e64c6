import {lookup} from 'node:dns/promises'
import {HactlError} from '../errors.ts'

/** The first address of a host, as programs of this host find it. Throws NOT_FOUND. */
export async function addressOfHost(name: string): Promise<string> {
  try {
    return (await lookup(name)).address
  } catch (error) {
    const hint = 'name an address, or see whether names can be looked up here'
    throw new HactlError('NOT_FOUND', `there is no address of ${name.slice(0, 80)}`, hint, {cause: error})
  }
}
