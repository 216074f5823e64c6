import {type IpAddress, type IpFamily, ipToBytes} from '../core/ip.ts'

/**
 * A classic BPF program for a packet socket that passes what may claim one of these addresses: ARP packets with such a
 * sender, or neighbour advertisements for an address that ends like one. What it passes still has to be read. With more
 * addresses than a program has room for it passes all ARP, or all neighbour advertisements. struct sock_filter,
 * <linux/filter.h>; BPF in packet(7).
 */
export function claimFilter(family: IpFamily, addresses: readonly IpAddress[]): Buffer {
  const tails = new Set(addresses.map(address => ipToBytes(address).subarray(-4).readUInt32BE(0)))
  const known = tails.size <= MAX_ADDRESSES ? [...tails] : undefined
  const parts = family === 4 ? FROM_ARP : FROM_NEIGHBOUR_ADVERTISEMENT
  const matches = known?.flatMap(tail => [instruction(JUMP_IF_EQUAL, tail, 0, 1), PASS]) ?? [PASS]
  return Buffer.concat([...parts, ...matches, DROP])
}

/** Two instructions each; a program has 4,096 at most, BPF_MAXINSNS. */
const MAX_ADDRESSES = 2_000
/** Bytes of a frame that are kept: enough for a neighbour advertisement with some options. */
const SNAPSHOT_BYTES = 256

const LOAD_WORD = 0x20
const LOAD_BYTE = 0x30
const JUMP_IF_EQUAL = 0x15
const RETURN = 0x06

/** Code, how far to jump if true and if false, and a constant. */
function instruction(code: number, constant: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt8(ifTrue, 2)
  bytes.writeUInt8(ifFalse, 3)
  bytes.writeUInt32LE(constant, 4)
  return bytes
}

const PASS = instruction(RETURN, SNAPSHOT_BYTES)
const DROP = instruction(RETURN, 0)
/** The sender's protocol address; a frame that is too short ends the program with 0. */
const FROM_ARP = [instruction(LOAD_WORD, 28)]
/** Next header 58 and type 136 of what follows the IPv6 header; then the last word of the target address. */
const FROM_NEIGHBOUR_ADVERTISEMENT = [
  instruction(LOAD_BYTE, 20),
  instruction(JUMP_IF_EQUAL, 58, 1, 0),
  DROP,
  instruction(LOAD_BYTE, 54),
  instruction(JUMP_IF_EQUAL, 136, 1, 0),
  DROP,
  instruction(LOAD_WORD, 74),
]
