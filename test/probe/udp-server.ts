import {createSocket, type RemoteInfo, type Socket} from 'node:dgram'
import {onTestFinished} from 'vitest'
import type {ProbeConnection} from '../../src/core/check/plan.ts'
import {type IpAddress, parseIp} from '../../src/core/ip.ts'

/** A UDP server of a test: what it was sent, and where it is. */
export interface UdpServer {
  readonly port: number
  readonly received: readonly Buffer[]
  readonly senders: readonly RemoteInfo[]
}

/** Starts a server on loopback that answers each datagram with those that `answer` gives; it ends with the test. */
export async function udpServer(
  answer: (query: Buffer) => readonly Buffer[],
  address: '127.0.0.1' | '::1' = '127.0.0.1',
): Promise<UdpServer> {
  const socket: Socket = createSocket(address === '::1' ? 'udp6' : 'udp4')
  const received: Buffer[] = []
  const senders: RemoteInfo[] = []
  socket.on('message', (query, from) => {
    received.push(query)
    senders.push(from)
    for (const reply of answer(query)) socket.send(reply, from.port, from.address)
  })
  await new Promise<void>(resolve => socket.bind(0, address, resolve))
  onTestFinished(() => void socket.close())
  return {port: socket.address().port, received, senders}
}

/** A connection of a plan with nothing but this in it. */
export function connectionTo(address: string, port: number, more: Partial<ProbeConnection> = {}): ProbeConnection {
  const none = {bindAddress: undefined, bindPort: undefined, bindInterface: undefined, fwmark: 0}
  return {address: ip(address), port, ...none, timeoutMs: 10_000, ...more}
}

/** An address that is known to be one. */
export function ip(text: string): IpAddress {
  const address = parseIp(text)
  if (!address.ok) throw new TypeError(`${text} is no address`)
  return address.value
}
