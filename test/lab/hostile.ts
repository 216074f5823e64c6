import {join} from 'node:path'
import type {Host} from './host.ts'
import type {LabProcess} from './lab-process.ts'
import {repoRoot} from './repo-root.ts'

/** The virtual router to be attacked. */
export interface Target {
  readonly version: 2 | 3
  readonly vrid: number
  readonly vip: string
  /** Address the packets claim to come from. */
  readonly source: string
  /** What the packets claim; high enough to depose any master that believes them. */
  readonly priority?: number
}

/** Ways of being wrong. Every packet carries the right VRID but those of `another-vrid`. */
export const HOSTILE_KINDS = [
  'checksum',
  'ttl',
  'version',
  'type',
  'count',
  'length',
  'authentication',
  'truncated',
  'random',
  'oversized',
  'another-vrid',
] as const
export type HostileKind = (typeof HOSTILE_KINDS)[number]

/** The Ethernet frames of one kind, to be sent in turn. None of them is an advertisement to be believed. */
export function hostileFrames(kind: HostileKind, target: Target): readonly Buffer[] {
  const good = (): Buffer => advert(target)
  switch (kind) {
    case 'checksum':
      return [0x0001, 0x5555, 0xffff].map(flip => frame(target, corrupt(good(), flip)))
    case 'ttl':
      return [254, 128, 1].map(ttl => frame(target, good(), {ttl}))
    case 'version':
      return [0, 1, 4, 15].map(version => frame(target, advert(target, {first: (version << 4) | 1})))
    case 'type':
      return range(2, 15).map(type => frame(target, advert(target, {first: (target.version << 4) | type})))
    case 'count':
      return [0, 2, 20, 255].map(count => frame(target, advert(target, {count})))
    case 'length':
      return [-8, -4, -1, 1, 4, 20].map(more => frame(target, resized(good(), more)))
    case 'authentication':
      return authenticationFrames(target)
    case 'truncated':
      return range(0, good().length - 1).map(length => frame(target, good().subarray(0, length)))
    case 'random':
      return range(1, 64).map(seed => frame(target, noise(seed, target.vrid)))
    case 'oversized':
      return [400, 1_000, 1_480].map(length => frame(target, resized(advert(target, {count: 255}), length)))
    case 'another-vrid':
      return [frame(target, advert({...target, vrid: (target.vrid % 255) + 1}))]
  }
}

export interface Attack {
  /** Interface of the attacking host. */
  readonly device: string
  readonly frames: readonly Buffer[]
  readonly perSecond: number
  readonly seconds: number
}

/** More than any attack of ours needs. */
const MAX_SECONDS = 60
const MAX_PER_SECOND = 20_000

/** Starts sending from a host of the lab; ends by itself after so many seconds and prints how many it sent. */
export function startAttack(host: Host, {device, frames, perSecond, seconds}: Attack): Promise<LabProcess> {
  if (seconds > MAX_SECONDS || perSecond > MAX_PER_SECOND) throw new RangeError('an attack beyond all bounds')
  const input = JSON.stringify({device, perSecond, seconds, frames: frames.map(bytes => bytes.toString('base64'))})
  return host.start([process.execPath, join(repoRoot(), 'test', 'lab', 'hostile-sender.mjs')], {input})
}

interface Deviation {
  readonly first?: number
  readonly count?: number
  /** Version 2: authentication type and data. */
  readonly auth?: {readonly type: number; readonly data: string}
}

/** A VRRP message with one address whose checksum is right whatever else is wrong. RFC 9568 section 5.1. */
function advert(target: Target, {first, count = 1, auth}: Deviation = {}): Buffer {
  const {version, vrid, priority = 254} = target
  const message = Buffer.alloc(version === 2 ? 20 : 12)
  message[0] = first ?? (version << 4) | 1
  message[1] = vrid
  message[2] = priority
  message[3] = count
  // Version 2: no authentication, 1 s. Version 3: 100 cs.
  message.writeUInt16BE(version === 2 ? 1 : 100, 4)
  if (auth) {
    message[4] = auth.type
    message.write(auth.data, 12, 8, 'latin1')
  }
  ipBytes(target.vip).copy(message, 8)
  return withChecksum(message, target)
}

function authenticationFrames(target: Target): readonly Buffer[] {
  if (target.version === 3) {
    // Version 3 has no such field: what lies there is the reserved part and the interval, and eight bytes too many.
    return [
      frame(target, resized(advert(target), 8)),
      frame(target, advert(target, {auth: {type: 1, data: ''}}), {ttl: 254}),
    ]
  }
  const fields = [
    {type: 0, data: ''},
    {type: 1, data: 'wrong'},
    {type: 1, data: ''},
    {type: 2, data: 'secret12'},
    {type: 255, data: 'secret12'},
  ]
  return fields.map(auth => frame(target, advert(target, {auth})))
}

/** Longer or shorter than its number of addresses says, with the checksum right for what is there. */
function resized(message: Buffer, more: number): Buffer {
  const length = Math.min(Math.max(message.length + more, 8), 1_480)
  const other = Buffer.alloc(length, 0x41)
  message.copy(other)
  return withChecksum(other, undefined)
}

function corrupt(message: Buffer, flip: number): Buffer {
  message.writeUInt16BE(message.readUInt16BE(6) ^ flip, 6)
  // All ones and all zeros are the same number in this arithmetic.
  if (flip === 0xffff) message[7] = (message[7] as number) ^ 0x01
  return message
}

/** Bytes of a small congruential generator, 8 to 135 of them, the VRID where it belongs. */
function noise(seed: number, vrid: number): Buffer {
  let state = seed * 2_654_435_761
  const bytes = Buffer.alloc(8 + ((seed * 37) % 128))
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  bytes[1] = vrid
  return bytes
}

function frame(target: Target, message: Buffer, {ttl = 255}: {readonly ttl?: number} = {}): Buffer {
  const header = Buffer.alloc(34)
  Buffer.from('01005e000012', 'hex').copy(header, 0)
  // A locally administered address that no host of the lab has.
  Buffer.from('0200c0ffee01', 'hex').copy(header, 6)
  header.writeUInt16BE(0x0800, 12)
  const ip = header.subarray(14)
  ip[0] = 0x45
  ip[1] = 0xc0
  ip.writeUInt16BE(20 + message.length, 2)
  ip[8] = ttl
  ip[9] = 112
  ipBytes(target.source).copy(ip, 12)
  Buffer.from([224, 0, 0, 18]).copy(ip, 16)
  ip.writeUInt16BE(onesComplement(ip, 0), 10)
  return Buffer.concat([header, message])
}

/** Version 3 over IPv4 with the pseudo-header of RFC 5798, which keepalived uses by default. */
function withChecksum(message: Buffer, target: Target | undefined): Buffer {
  message.writeUInt16BE(0, 6)
  const pseudo = Buffer.alloc(12)
  if (target?.version === 3) {
    ipBytes(target.source).copy(pseudo, 0)
    Buffer.from([224, 0, 0, 18, 0, 112]).copy(pseudo, 4)
    pseudo.writeUInt16BE(message.length, 10)
  }
  message.writeUInt16BE(onesComplement(message, sumOf(pseudo, 0)), 6)
  return message
}

function sumOf(bytes: Buffer, start: number): number {
  let sum = start
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] as number) << 8) | (bytes[i + 1] ?? 0)
  return sum
}

function onesComplement(bytes: Buffer, start: number): number {
  let sum = sumOf(bytes, start)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

const range = (from: number, to: number): readonly number[] => Array.from({length: to - from + 1}, (_, i) => from + i)
const ipBytes = (text: string): Buffer => Buffer.from(text.split('.').map(Number))
