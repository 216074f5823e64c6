import {type IpAddress, type IpFamily, ipFamily, ipFromBytes, ipToBytes, parseIp} from '../../core/ip.ts'

/** An address and how many of its bits name the network. */
export interface IpPrefix {
  readonly address: IpAddress
  readonly prefixLength: number
}

/** What a word such as `192.0.2.0/24` says. */
export interface GivenPrefix extends IpPrefix {
  /** What is wrong with the length, and what would be right; all bits are taken then. */
  readonly lengthProblem?: string
}

/** Reads `ADDRESS[/LENGTH]`; without a length all bits count. Undefined: it is no address. */
export function readPrefix(text: string): GivenPrefix | undefined {
  const slash = text.indexOf('/')
  const parsed = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (!parsed.ok) return undefined
  const address = parsed.value
  const longest = LONGEST[ipFamily(address)]
  if (slash < 0) return {address, prefixLength: longest}
  const lengthText = text.slice(slash + 1)
  if (/^\+?\d{1,9}$/.test(lengthText) && Number(lengthText) <= longest)
    return {address, prefixLength: Number(lengthText)}
  const netmask = parseIp(lengthText).ok
  const lengthProblem = netmask
    ? `write the number of bits, 0 to ${longest}, not a netmask`
    : `0 to ${longest} bits, after the slash`
  return {address, prefixLength: longest, lengthProblem}
}

/** The word that is read as a prefix. */
export const writtenPrefix = ({address, prefixLength}: IpPrefix): string => `${address}/${prefixLength}`

/** The network that holds every address of a family: what `default` means. */
export const everything = (family: IpFamily): IpPrefix => ({
  address: ipFromBytes(Buffer.alloc(family === 4 ? 4 : 16)),
  prefixLength: 0,
})

/** True for `0.0.0.0/0` and `::/0`. */
export const isEverything = ({address, prefixLength}: IpPrefix): boolean =>
  prefixLength === 0 && ipToBytes(address).every(byte => byte === 0)

/** The same prefix without bits beyond its length. */
export function networkOf({address, prefixLength}: IpPrefix): IpPrefix {
  const bytes = ipToBytes(address).map((byte, i) => {
    const kept = Math.max(0, Math.min(8, prefixLength - i * 8))
    return byte & (0xff << (8 - kept))
  })
  return {address: ipFromBytes(bytes), prefixLength}
}

const LONGEST = {4: 32, 6: 128} as const
