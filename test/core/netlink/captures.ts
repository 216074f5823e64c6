import {readFileSync} from 'node:fs'
import {decodeMessages, type NetlinkMessage} from '../../../src/core/netlink/message.ts'

/** Datagrams of Linux 6.18, recorded from NETLINK_ROUTE sockets in a network namespace with a veth pair. */
const CAPTURES: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('captures.hex.json', import.meta.url), 'utf8'),
)

export const captureNames: readonly string[] = Object.keys(CAPTURES)

export const captured = (name: string): Buffer => Buffer.from(CAPTURES[name] ?? '', 'hex')

/** The one message of a capture. */
export function capturedMessage(name: string): NetlinkMessage {
  const read = decodeMessages(captured(name))
  const message = read.ok ? read.value[0] : undefined
  if (!message) throw new Error(`capture ${name} holds no message`)
  return message
}

/** A generator of numbers 0 <= n < 1 that a seed determines (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** The bytes with one to four of them changed. */
export function mutated(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes)
  const times = 1 + Math.floor(random() * 4)
  for (let n = 0; n < times; n++) copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
  return copy
}
