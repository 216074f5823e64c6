// Sends Ethernet frames at a steady rate for a bounded time. Runs inside a host of the lab.
// standard input: {"device": name, "perSecond": n, "seconds": n, "frames": [base64, ...]}
import {readFileSync} from 'node:fs'
import koffi from 'koffi'

const AF_PACKET = 17
const SOCK_RAW = 3
const MAX_FRAMES = 2_000_000

const {device, perSecond, seconds, frames: encoded} = JSON.parse(readFileSync(0, 'utf8'))
const frames = encoded.map(text => Buffer.from(text, 'base64'))

const libc = koffi.load(null)
const socket = libc.func('int socket(int domain, int type, int protocol)')
const sendto = libc.func('long sendto(int fd, void *bytes, size_t length, int flags, void *to, uint32_t toLength)')

// struct sockaddr_ll: family, protocol (big-endian), interface index, hardware type, packet type, address length
const to = Buffer.alloc(20)
to.writeUInt16LE(AF_PACKET, 0)
to.writeUInt16BE(0x0800, 2)
to.writeInt32LE(Number(readFileSync(`/sys/class/net/${device}/ifindex`, 'utf8')), 4)

// Protocol 0: this socket sends only.
const fd = socket(AF_PACKET, SOCK_RAW, 0)
if (fd < 0) throw new Error('no packet socket')

const clock = new Int32Array(new SharedArrayBuffer(4))
const total = Math.min(perSecond * seconds, MAX_FRAMES)
const startedAt = performance.now()
let sent = 0
let failed = 0
while (sent < total) {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000))
  for (; sent < due; sent++) {
    const bytes = frames[sent % frames.length]
    if (sendto(fd, bytes, bytes.length, 0, to, to.length) !== bytes.length) failed++
  }
  Atomics.wait(clock, 0, 0, 1)
}
console.log(JSON.stringify({sent, failed}))
