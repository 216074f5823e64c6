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

it('finds gaps and quantiles', () => {
  expect(gapsMs([1, 3, 10])).toEqual([2, 7])
  expect(longestGapMs([1, 3, 10])).toBe(7)
  expect(longestGapMs([])).toBe(0)
  expect(quantile([5, 1, 3], 0.5)).toBe(3)
  expect(quantile([5, 1, 3], 0.95)).toBe(5)
})
