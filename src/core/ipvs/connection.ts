import {type Decoded, decoded, rejected} from '../decoded.ts'
import {type IpAddress, ipFromBytes, parseIp} from '../ip.ts'
import type {IpvsConnection} from './model.ts'

/** Why a line does not tell of a connection. */
export type ConnectionFailure = 'too-few-columns' | 'address-wrong' | 'number-wrong'

/** Whether a line is the one above the columns. */
export const isConnectionHeading = (line: string): boolean => line.startsWith('Pro FromIP')

/**
 * Reads one line of /proc/net/ip_vs_conn. IPv4 addresses are eight hexadecimal digits, IPv6 addresses eight groups of
 * four, ports hexadecimal, times decimal seconds. Proc file of Linux's net/netfilter/ipvs/ip_vs_conn.c, read on 6.1.
 *   Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
 *   TCP 0A000002 9C40 C0000201 0050 0A00000A 0050 ESTABLISHED     899
 */
export function parseConnection(line: string): Decoded<IpvsConnection, ConnectionFailure> {
  const found = COLUMNS.exec(line)
  if (found === null) return rejected('too-few-columns')
  const [, protocol = '', from = '', fromPort, to = '', toPort, dest = '', destPort, state = '', expires, engine] =
    found
  const [client, virtual, real] = [parseAddress(from), parseAddress(to), parseAddress(dest)]
  if (client === undefined || virtual === undefined || real === undefined) return rejected('address-wrong')
  const [clientPort, virtualPort, realPort] = [parsePort(fromPort), parsePort(toPort), parsePort(destPort)]
  const expiresInSeconds = Number(expires)
  if (clientPort === undefined || virtualPort === undefined || realPort === undefined) return rejected('number-wrong')
  if (!(expiresInSeconds <= MAX_SECONDS)) return rejected('number-wrong')
  return decoded({
    protocol,
    client,
    clientPort,
    virtual,
    virtualPort,
    real,
    realPort,
    state,
    expiresInSeconds,
    engine: engine === undefined || engine.trim() === '' ? undefined : engine.trim(),
  })
}

/** Address and port; a state and a time in seconds. */
const END = ' +(\\S{8,39}) ([0-9A-F]{4})'
const STATE = ' +(\\S{1,24}) +(\\d{1,10})'
const COLUMNS = new RegExp(`^([A-Za-z0-9_]{1,16})${END}${END}${END}${STATE}(?: (.*))?$`, 's')
const IPV4_HEX = /^[0-9A-F]{8}$/
/** Of 32 bits. */
const MAX_SECONDS = 4_294_967_295

function parseAddress(text: string): IpAddress | undefined {
  if (IPV4_HEX.test(text)) return ipFromBytes(Buffer.from(text, 'hex'))
  if (!text.includes(':')) return undefined
  const read = parseIp(text)
  return read.ok ? read.value : undefined
}

const parsePort = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number.parseInt(text, 16)
