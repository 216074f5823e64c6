import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {ZERO_COUNTERS} from '../../../src/core/ipvs/codec-counters.ts'
import type {DestinationEntry, ServiceEntry} from '../../../src/core/ipvs/model.ts'
import {readRulesText} from '../../../src/core/ipvs/rules-text.ts'
import {addressPortText, addressText, NUMERIC} from '../../../src/core/ipvsadm/addresses.ts'
import {connectionLine, countText, listedService} from '../../../src/core/ipvsadm/list.ts'
import {printSavedRules} from '../../../src/core/ipvsadm/save.ts'
import {sortedEntries} from '../../../src/core/ipvsadm/sort.ts'

const ip = (text: string): IpAddress => text as IpAddress

/** Entries of the kernel, from what ipvsadm(8) saves. */
function entriesOf(text: string): readonly ServiceEntry[] {
  const read = readRulesText(text)
  if (!read.ok) throw new Error(read.message)
  return read.rules.map(({service, destinations}) => ({
    service,
    counters: ZERO_COUNTERS,
    destinations: destinations.map(entry),
  }))
}

const entry = (destination: Omit<DestinationEntry, 'counters' | `${string}Connections`>): DestinationEntry => ({
  ...destination,
  activeConnections: 0,
  inactiveConnections: 0,
  persistentConnections: 0,
  counters: ZERO_COUNTERS,
})

/** Each pair was printed by ipvsadm 1.31 for counters of such a size. */
describe('a count in nine columns', () => {
  it.each([
    [0n, '        0'],
    [99_999_999n, ' 99999999'],
    [100_000_000n, '  100000K'],
    [999_999_999n, '  999999K'],
    [1_000_000_000n, '    1000M'],
    [99_999_999_999n, '   99999M'],
    [100_000_000_000n, '     100G'],
    [99_999_999_999_999n, '   99999G'],
    [100_000_000_000_000n, '     100T'],
    [18_446_744_073_709_551_615n, '18446744T'],
  ])('%d is "%s"', (count, text) => expect(countText(count, false)).toBe(text))

  it('is whole where that is asked', () => {
    expect(countText(9_999_999_999n, true)).toBe(' 9999999999')
    expect(countText(7n, true)).toBe('        7')
  })
})

describe('addresses as glibc writes them', () => {
  it('ends addresses that begin with 96 zero bits like IPv4', () => {
    expect(addressText(ip('::1:80'))).toBe('::0.1.0.128')
    expect(addressText(ip('::1'))).toBe('::1')
    expect(addressText(ip('2001:db8::1'))).toBe('2001:db8::1')
  })

  it('has names of hosts and ports, 59 characters at most', () => {
    const names = {port: () => 'domain', host: () => 'x'.repeat(56)}
    expect(addressPortText({address: ip('10.0.0.1'), port: 53}, 'udp', names)).toBe(`${'x'.repeat(56)}:do`)
    expect(addressPortText({address: ip('::1'), port: 53}, undefined, {...names, host: () => 'six'})).toBe('[six]:53')
  })
})

/** The order in which ipvsadm 1.31 printed them. */
describe('the order of a list', () => {
  it('subtracts with a sign: 200.2.3.4 comes before 1.2.3.4, mark 4294967295 before every address', () => {
    const lines = [
      '-f 11',
      '-f 7',
      '-u 1.2.3.4:9',
      '-t 127.0.0.1:22',
      '-t 10.5.6.7:25',
      '-t 1.2.3.4:80',
      '-t 200.2.3.4:9',
    ]
    const entries = entriesOf(
      [...lines, '-f 4294967295', '-t [fd00::1]:80', '-t [::1]:80', '-t 1.2.3.4:9'].map(id => `-A ${id}`).join('\n'),
    )
    const saved = printSavedRules(sortedEntries(entries), {readable: false})
    expect(saved.split('\n').map(line => line.replace(/^-A | -s wlc$/g, ''))).toEqual([
      ...['-f -1', '-t 200.2.3.4:9', '-t 1.2.3.4:9', '-t 1.2.3.4:80', '-t 10.5.6.7:25', '-t 127.0.0.1:22'],
      ...['-u 1.2.3.4:9', '-t [fd00::1]:80', '-t [::1]:80', '-f 7', '-f 11', ''],
    ])
  })
})

describe('a listed service', () => {
  const view = {columns: 'plain', numeric: true, exact: false, sorted: true} as const
  const [service] = entriesOf(
    [
      '-A -u 192.0.2.1:53 -s sh -o -p 7 -M 255.0.0.0 --pe sip -b sh-port,flag-3',
      '-a -u 192.0.2.1:53 -r 10.0.0.9:80 -m -w 2147483647 -x 9 -y 3',
      '-a -u 192.0.2.1:53 -r 9.0.0.2 -i --tun-type gue --tun-port 6080 --tun-remcsum',
    ].join('\n'),
  )
  if (service === undefined) throw new Error('no service')

  it.each([
    ['plain', '  -> 10.0.0.9:80                  Masq    2147483647 0          0         '],
    ['tunnel', '  -> 10.0.0.9:80                  Masq    n/a           2147483647 0          0         '],
    ['thresholds', '  -> 10.0.0.9:80                  9          3          0          0         '],
    ['persistent', '  -> 10.0.0.9:80                  2147483647 0           0          0         '],
    ['stats', '  -> 10.0.0.9:80                         0        0        0        0        0'],
  ] as const)('has the columns of ipvsadm: %s', (columns, line) => {
    expect(listedService(service, {...view, columns}, NUMERIC).split('\n')[1]).toBe(line)
  })

  it('has its settings in the order of ipvsadm', () => {
    const [first, , third] = listedService(service, {...view, columns: 'tunnel'}, NUMERIC).split('\n')
    expect(first).toBe('UDP  192.0.2.1:53 sh (sh-port) persistent 7 mask 255.0.0.0 pe sip ops')
    expect(third).toBe('  -> 9.0.0.2:53                   Tunnel  gue:6080:r+c  1      0          0         ')
  })

  it('has names of IPv4 cut off at 28 characters', () => {
    const names = {port: () => undefined, host: () => 'a-rather-long-host-name.with-a-long-domain'}
    const [first] = listedService(service, {...view, numeric: false}, names).split('\n')
    expect(first?.startsWith('UDP  a-rather-long-host-name.with sh ')).toBe(true)
  })
})

describe('a connection', () => {
  const connection = {
    protocol: 'UDP',
    client: ip('10.0.0.1'),
    clientPort: 5060,
    virtual: ip('192.0.2.1'),
    virtualPort: 5060,
    real: ip('10.0.0.9'),
    realPort: 5060,
    state: 'UDP',
    expiresInSeconds: 6_065,
    engine: 'sip 193373839',
  }

  it('has minutes and seconds, and what its engine says where that is asked', () => {
    const start = 'UDP 101:05 UDP         10.0.0.1:5060      192.0.2.1:5060     '
    expect(connectionLine(connection, false, NUMERIC)).toBe(`${start}10.0.0.9:5060\n`)
    expect(connectionLine(connection, true, NUMERIC)).toBe(`${start}10.0.0.9:5060    sip                193373839\n`)
    expect(connectionLine({...connection, engine: 'sip'}, true, NUMERIC)).toBe(`${start}10.0.0.9:5060\n`)
  })
})
