import {type IpAddress, ipFamily, ipToBytes} from '../ip.ts'
import type {HmacKey, UnicastPeer, VrrpConfig} from './config.ts'
import {
  AUTHENTICATION_BYTES,
  AUTHENTICATION_TYPES,
  type AuthenticationField,
  MAX_ADDRESSES,
  NO_AUTHENTICATION,
} from './message.ts'

/** What a configuration comes to in bytes: computed once, used for every packet. */
export interface EncodedConfig {
  /** The virtual addresses in network order. */
  readonly addresses: Buffer
  readonly addressCount: number
  /** The same as text of bytes, sorted: for comparing lists in any order. */
  readonly sortedAddresses: readonly string[]
  /** What goes into the authentication field of version 2. */
  readonly authentication: AuthenticationField
  /** The key of `auth_type AH`; undefined: no Authentication Header. */
  readonly headerKey: Buffer | undefined
  /** Keys of `auth_hmac` by id; those that are none are left out. */
  readonly trailerKeys: ReadonlyMap<number, Buffer>
  /** Empty for multicast. */
  readonly peers: ReadonlyMap<IpAddress, UnicastPeer>
}

/** The configuration in bytes; configurations never change, so each is encoded once. */
export function encodedConfig(config: VrrpConfig): EncodedConfig {
  let encoded = CACHE.get(config)
  if (!encoded) {
    encoded = encodeConfig(config)
    CACHE.set(config, encoded)
  }
  return encoded
}

/** The addresses of a message as text of bytes, sorted. */
export function sortedAddresses(addresses: Buffer, bytesEach: number): readonly string[] {
  const list: string[] = []
  for (let at = 0; at < addresses.length; at += bytesEach) list.push(addresses.toString('latin1', at, at + bytesEach))
  return list.sort()
}

/** The authentication field of version 2 that goes with a password, or with none; eight bytes of it count. */
export function passwordField(password: string | undefined): AuthenticationField {
  if (password === undefined) return NO_AUTHENTICATION
  return {type: AUTHENTICATION_TYPES.pass, data: passwordBytes(password)}
}

const CACHE = new WeakMap<VrrpConfig, EncodedConfig>()

function encodeConfig(config: VrrpConfig): EncodedConfig {
  const {family, transport, hmac} = config
  const vips = config.vips.map(({address}) => address).filter(address => ipFamily(address) === family)
  const advertised = vips.slice(0, MAX_ADDRESSES)
  const addresses = Buffer.concat(advertised.map(ipToBytes))
  // Version 3 has no authentication of its own, and a signed trailer takes the place of version 2's.
  const legacy = config.version === 2 && !hmac ? config.authentication : undefined
  const peers = transport.type === 'unicast' ? transport.peers.filter(({address}) => ipFamily(address) === family) : []
  return {
    addresses,
    addressCount: advertised.length,
    sortedAddresses: sortedAddresses(addresses, family === 4 ? 4 : 16),
    authentication:
      legacy?.type === 'ah'
        ? {type: AUTHENTICATION_TYPES.ah, data: NO_AUTHENTICATION.data}
        : passwordField(legacy?.password),
    headerKey: legacy?.type === 'ah' ? passwordBytes(legacy.password) : undefined,
    trailerKeys: new Map(
      (hmac?.keys ?? []).filter(isKey).map(({id, secret}) => [id, Buffer.from(secret, 'hex')] as const),
    ),
    peers: new Map(peers.map(peer => [peer.address, peer])),
  }
}

/** 32 bytes at least: what is no key, such as a file that nobody read, must never become an empty one. */
const isKey = ({secret}: HmacKey): boolean => /^(?:[0-9a-f]{2}){32,}$/i.test(secret)

function passwordBytes(password: string): Buffer {
  const bytes = Buffer.alloc(AUTHENTICATION_BYTES)
  Buffer.from(password, 'utf8').copy(bytes)
  return bytes
}
