import {createHash} from 'node:crypto'
import type {Config} from '../../config/config.ts'
import {type Plain, plainConfig} from '../../config/plain.ts'
import {routersOf} from '../../config/router-config.ts'

/** What tells configurations apart; each is 12 hexadecimal digits of SHA-256. */
export interface ConfigurationHashes {
  /**
   * Of all that runs, with its defaults: comments, layout and defaults that are written down are nothing to it. Secrets
   * are masked first: whoever has the hash could otherwise try out passwords.
   */
  readonly whole: string
  /**
   * Of what all nodes of a cluster have alike: virtual routers by VRID, family, version, interval and addresses, and
   * virtual servers and their groups whole. Names of virtual routers and interfaces, priorities and the order of things
   * count for nothing.
   */
  readonly shared: string
}

/** Enough to tell configurations apart that nobody made to look alike. */
const HEX_DIGITS = 12

/** Computes both, which takes about as long as to read the configuration. */
export function configurationHashes(config: Config): ConfigurationHashes {
  const plain = plainConfig(config, {mode: 'effective', secrets: false})
  const servers = [plain.virtualServers, plain.virtualServerGroups].map(sortedTexts)
  const routers = routersOf(config).map(({vrid, family, version, advertIntervalMs, vips, excludedVips}) =>
    JSON.stringify([vrid, family, version, advertIntervalMs, addressesOf(vips), addressesOf(excludedVips)]),
  )
  return {
    whole: hashOf(Object.entries(plain).map(entry => JSON.stringify(entry))),
    shared: hashOf([...routers.sort(), ...servers.flat()]),
  }
}

const sortedTexts = (items: Plain | undefined): readonly string[] =>
  Array.isArray(items) ? items.map(item => JSON.stringify(item)).sort() : []

const addressesOf = (vips: readonly {readonly address: string; readonly prefixLength: number}[]): readonly string[] =>
  vips.map(({address, prefixLength}) => `${address}/${prefixLength}`).sort()

function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(text).update('\n')
  return hash.digest('hex').slice(0, HEX_DIGITS)
}
