import {expect, it} from 'vitest'
import {gapsMs, longestGapMs, quantile} from './capture.ts'
import {readFrame} from './packets.ts'
import {PcapReader} from './pcap.ts'

/** A version 2 advertisement of 192.168.31.230, VRID 51, priority 101, as keepalived sends it. */
const ADVERT = Buffer.from(
  `01005e000012 aabbccddeeff 0800 45c00028000100 00ff70b9f1c0a81fe6e0000012 21336501 01020000 c0a81ff0 3131313100000000`.replaceAll(
    ' ',
    '',
  ),
  'hex',
)

function captureFile({little, nano}: {little: boolean; nano: boolean}, frames: readonly Buffer[]): Buffer {
  const write = (bytes: Buffer, value: number, at: number): number =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
  const header = Buffer.alloc(24)
  write(header, nano ? 0xa1b23c4d : 0xa1b2c3d4, 0)
  const records = frames.map((frame, i) => {
    const record = Buffer.alloc(16)
    write(record, 1_000 + i, 0)
    write(record, nano ? 250_500_000 : 250_500, 4)
    write(record, frame.length, 8)
    return Buffer.concat([record, frame])
  })
  return Buffer.concat([header, ...records])
}

it.each([
  {little: true, nano: true},
  {little: true, nano: false},
  {little: false, nano: true},
  {little: false, nano: false},
])('reads captures of either byte order and unit, however they are cut: %o', format => {
  const file = captureFile(format, [ADVERT, ADVERT])
  for (const size of [1, 7, 25, file.length]) {
    const reader = new PcapReader()
    const times: number[] = []
    for (let at = 0; at < file.length; at += size) {
      for (const {atMs, frame} of reader.push(file.subarray(at, at + size))) {
        times.push(atMs)
        expect(frame).toEqual(ADVERT)
      }
    }
    expect(times).toEqual([1_000_250.5, 1_001_250.5])
  }
})

it('refuses what is no capture', () => {
  expect(() => new PcapReader().push(Buffer.alloc(24, 0x20))).toThrow(/not a capture/)
})

it('tells packets apart', () => {
  expect(readFrame(5, ADVERT)).toEqual({
    kind: 'advert',
    atMs: 5,
    sourceMac: 'aabbccddeeff',
    source: '192.168.31.230',
    destination: '224.0.0.18',
    ttl: 255,
    authentication: 'pass',
    version: 2,
    type: 1,
    vrid: 51,
    priority: 101,
  })
  const arp = Buffer.from(
    'ffffffffffff aabbccddeeff 0806 0001 0800 06 04 0001 aabbccddeeff c0a81ff0 000000000000 c0a81ff0'.replaceAll(
      ' ',
      '',
    ),
    'hex',
  )
  expect(readFrame(5, arp)).toMatchObject({
    kind: 'arp',
    operation: 1,
    sender: '192.168.31.240',
    target: '192.168.31.240',
  })
  for (let length = 0; length < 34; length++) expect(readFrame(5, ADVERT.subarray(0, length)).kind).toBe('other')
})

// Sent by keepalived 2.4.3; the last three are signed with auth_hmac.
it.each([
  {
    ip: `45c0004000010000ff33d0ad0a090001e0000012 700400000a0900010000000192984294794ea2e0b4618772
      2135960102013c590a0900660000000000000000`,
    says: {version: 2, vrid: 53, priority: 150, source: '10.9.0.1', destination: '224.0.0.18', authentication: 'ah'},
  },
  {
    ip: `45c0004000010000ff70d0700a090001e0000012 31339602006438ee0a0900640a090065
      010700006b0124c0b5070000c4f97dabb20a538897c72a8954999df3`,
    says: {version: 3, vrid: 51, priority: 150, authentication: 'hmac'},
  },
  {
    ip: `45c0004400010000ff70d06c0a090001e0000012 2136960100013e570a0900670000000000000000
      010700006b0124c0b539000006fef30613c173dbd2de246e4b18e375`,
    says: {version: 2, vrid: 54, priority: 150, authentication: 'hmac'},
  },
  {
    ip: `6c07ada6004470fffe80000000000000000000fffe000901ff020000000000000000000000000012 313478020032b7ca
      fe80000000000000000000000000009920010db8000900000000000000000100
      010800006b0124c10f4300005d7f50f73fedeecb25aff6f20fffc0c6`,
    says: {version: 3, vrid: 52, source: 'fe80::ff:fe00:901', destination: 'ff02::12', authentication: 'hmac'},
  },
])('tells how an advertisement travelled and was authenticated: $says', ({ip, says}) => {
  const packet = Buffer.from(ip.replaceAll(/\s/g, ''), 'hex')
  const type = packet[0] === 0x45 ? '0800' : '86dd'
  const frame = Buffer.concat([Buffer.from(`01005e000012aabbccddeeff${type}`, 'hex'), packet])
  expect(readFrame(5, frame)).toMatchObject({kind: 'advert', type: 1, ttl: 255, ...says})
  const cuts = Array.from({length: frame.length}, (_, length) => readFrame(5, frame.subarray(0, length)).kind)
  expect(new Set(cuts)).toEqual(new Set(['other', 'advert']))
})

// RFC 4861 section 4.4: flags R, S and O, then the target.
it.each([
  ['20000000', {solicited: false, override: true}],
  ['60000000', {solicited: true, override: true}],
  ['00000000', {solicited: false, override: false}],
])('reads the flags of a neighbour advertisement: %s', (flags, says) => {
  const target = 'fd200000000000000000000000000100'
  const frame = Buffer.from(
    `33330000000102000000000186dd60000000001 83aff${target}ff020000000000000000000000000001${'88000000'}${flags}${target}`.replaceAll(
      ' ',
      '',
    ),
    'hex',
  )
  expect(readFrame(5, frame)).toMatchObject({kind: 'neighbour', target: 'fd20::100', ...says})
})

it('finds gaps and quantiles', () => {
  expect(gapsMs([1, 3, 10])).toEqual([2, 7])
  expect(longestGapMs([1, 3, 10])).toBe(7)
  expect(longestGapMs([])).toBe(0)
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([5, 1, 3], 0.95)).toBe(5)
})
