// Writes the VRRP (bare or behind AH), ARP and ICMP packets of an interface to standard output as a capture file, each with the time at
// which the kernel received it. Not tcpdump, because tcpdump changes its user, and in a user namespace there is none
// to change to. Says "listening" on standard error once it misses nothing more, and "lost N" whenever it did.
// usage: node sniffer.mjs DEVICE [SOURCE...]   (sources: IPv4 addresses; packets of others are left out, and all of IPv6)
import {readFileSync, writeSync} from 'node:fs'
import koffi from 'koffi'

const [device, ...sources] = process.argv.slice(2)

// <linux/socket.h>, <linux/if_packet.h>, <asm-generic/socket.h>
const AF_PACKET = 17
const SOCK_RAW = 3
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const SO_RCVBUFFORCE = 33
const SO_TIMESTAMPNS = 35
const SOL_PACKET = 263
const PACKET_ADD_MEMBERSHIP = 1
const PACKET_STATISTICS = 6
const PACKET_MR_PROMISC = 1
const MSG_DONTWAIT = 0x40
const ETH_P_ALL = 0x0003

const SNAP_BYTES = 256
const BATCH = 64
const CONTROL_BYTES = 64

const libc = koffi.load(null)
const socket = libc.func('int socket(int domain, int type, int protocol)')
const bind = libc.func('int bind(int fd, void *address, uint32_t length)')
const setsockopt = libc.func('int setsockopt(int fd, int level, int option, void *value, uint32_t length)')
const getsockopt = libc.func('int getsockopt(int fd, int level, int option, void *value, void *length)')
const recvmsg = libc.func('long recvmsg(int fd, void *message, int flags)')

const index = Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8'))
const fd = openSocket()

const frame = Buffer.alloc(SNAP_BYTES)
const control = Buffer.alloc(CONTROL_BYTES)
const vector = Buffer.alloc(16)
vector.writeBigUInt64LE(koffi.address(frame), 0)
vector.writeBigUInt64LE(BigInt(SNAP_BYTES), 8)
// struct msghdr: name, name length, vector, vectors, control, control length, flags
const message = Buffer.alloc(56)

writeAll(fileHeader())
process.stderr.write('listening\n')
for (;;) {
  const records = []
  for (let record = receive(0); record; record = records.length < BATCH ? receive(MSG_DONTWAIT) : undefined) {
    records.push(record)
  }
  const wanted = records.filter(({bytes}) => isWanted(bytes))
  if (wanted.length > 0) writeAll(Buffer.concat(wanted.flatMap(({header, bytes}) => [header, bytes])))
  reportLosses()
}

function openSocket() {
  // Protocol 0 receives nothing until all is set; binding names the protocol.
  const opened = socket(AF_PACKET, SOCK_RAW, 0)
  if (opened < 0) throw new Error('no packet socket')
  const one = Buffer.from([1, 0, 0, 0])
  must(setsockopt(opened, SOL_SOCKET, SO_TIMESTAMPNS, one, 4), 'SO_TIMESTAMPNS')
  const buffer = Buffer.alloc(4)
  buffer.writeInt32LE(16_777_216)
  // Refused in a user namespace, where the ordinary size must do.
  setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, buffer, 4)
  // Losses are looked for between packets, and packets may be rare.
  const tick = Buffer.alloc(16)
  tick.writeBigInt64LE(100_000n, 8)
  must(setsockopt(opened, SOL_SOCKET, SO_RCVTIMEO, tick, 16), 'SO_RCVTIMEO')
  const membership = Buffer.alloc(16)
  membership.writeInt32LE(index, 0)
  membership.writeUInt16LE(PACKET_MR_PROMISC, 4)
  must(setsockopt(opened, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership, 16), 'PACKET_ADD_MEMBERSHIP')
  const address = Buffer.alloc(20)
  address.writeUInt16LE(AF_PACKET, 0)
  address.writeUInt16BE(ETH_P_ALL, 2)
  address.writeInt32LE(index, 4)
  must(bind(opened, address, 20), 'bind')
  return opened
}

function receive(flags) {
  message.fill(0)
  message.writeBigUInt64LE(koffi.address(vector), 16)
  message.writeBigUInt64LE(1n, 24)
  message.writeBigUInt64LE(koffi.address(control), 32)
  message.writeBigUInt64LE(BigInt(CONTROL_BYTES), 40)
  const length = Number(recvmsg(fd, message, flags))
  if (length < 0) return undefined
  // struct cmsghdr: length, level, type; then struct timespec
  if (control.readInt32LE(8) !== SOL_SOCKET || control.readInt32LE(12) !== SO_TIMESTAMPNS) throw new Error('no time')
  const header = Buffer.alloc(16)
  header.writeUInt32LE(Number(control.readBigInt64LE(16)), 0)
  header.writeUInt32LE(Number(control.readBigInt64LE(24)), 4)
  header.writeUInt32LE(length, 8)
  header.writeUInt32LE(length, 12)
  return {header, bytes: Buffer.from(frame.subarray(0, length))}
}

function isWanted(bytes) {
  if (bytes.length < 34) return false
  const type = bytes.readUInt16BE(12)
  if (type === 0x0806) return true
  if (type === 0x86dd) return sources.length === 0 && [58, 112].includes(bytes[20])
  if (type !== 0x0800 || ![1, 51, 112].includes(bytes[23])) return false
  return sources.length === 0 || sources.includes(bytes.subarray(26, 30).join('.'))
}

function reportLosses() {
  const statistics = Buffer.alloc(8)
  const length = Buffer.from([8, 0, 0, 0])
  // Reading them sets them back to zero.
  getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, statistics, length)
  const lost = statistics.readUInt32LE(4)
  if (lost > 0) process.stderr.write(`lost ${lost}\n`)
}

function fileHeader() {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b23c4d, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(SNAP_BYTES, 16)
  header.writeUInt32LE(1, 20)
  return header
}

function writeAll(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
}

function must(result, what) {
  if (result !== 0) throw new Error(`${what} failed`)
}
