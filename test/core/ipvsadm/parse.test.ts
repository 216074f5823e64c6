import {describe, expect, it} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {parseCommand} from '../../../src/core/ipvsadm/parse.ts'
import {inetAton, type NameLookup, readAddressPort} from '../../../src/core/ipvsadm/values.ts'

const NAMES: NameLookup = {
  port: (name, protocol) => (name === 'http' && protocol === 'tcp' ? 80 : undefined),
  host: name => (name === 'vip.example.com' ? ('192.0.2.1' as IpAddress) : name === 'later' ? 'unasked' : undefined),
}

const words = (line: string): readonly string[] =>
  line
    .split(' ')
    .filter(word => word !== '')
    .map(word => (word === "''" ? '' : word))

const parse = (line: string) => parseCommand(words(line), NAMES)

/** Every line here was given to ipvsadm 1.31, which did or said the same. */
describe('a command line of ipvsadm(8)', () => {
  it.each([
    ['-A -t 192.0.2.1:80', {scheduler: 'wlc', schedulerFlags: [], onePacket: false, persistence: undefined}],
    ['-At192.0.2.1:80 -srr', {scheduler: 'rr'}],
    ['-A -t=192.0.2.1:80 -s=rr', {scheduler: 'rr'}],
    ['--add-service --tcp-service=vip.example.com:http --scheduler sh', {scheduler: 'sh'}],
    ['-A -t 192.0.2.1:80 -s sh -b flag-1,,sh-port', {schedulerFlags: [1, 2]}],
    ['-A -t 192.0.2.1:80 -p', {persistence: {timeoutSeconds: 360, prefixLength: 32, engine: undefined}}],
    ['-A -t 192.0.2.1:80 -p 100 -M 255.255.0.0', {persistence: {timeoutSeconds: 100, prefixLength: 16}}],
    ['-A -p -M 255.255.0.0 -t 192.0.2.1:80', {persistence: {prefixLength: 16}}],
    ['-A -t [2001:db8::1]:80 -p -M 64x', {persistence: {prefixLength: 64}}],
    ['-A -p -M 64 -t [2001:db8::1]:80', {persistence: {prefixLength: 128}}],
    ['-A -u 192.0.2.1:53 -o -p 7 --pe sip', {onePacket: true, persistence: {engine: 'sip'}}],
    ['-A -f 5 -6 -p -M 64', {id: {type: 'fwmark', mark: 5, family: 6}, persistence: {prefixLength: 64}}],
    ["-A -t 192.0.2.1:80 -s ''", {scheduler: 'wlc'}],
  ])('adds a service: %s', (line, service) => {
    expect(parse(line)).toMatchObject({type: 'command', command: {change: {type: 'add-service', service}}})
  })

  it.each([
    ['-a -t 192.0.2.1:80 -r 10.0.0.1', {port: 80, method: 'dr', weight: 1}],
    ['-a -t 192.0.2.1:80 -r 10.0.0.1:81', {port: 80}],
    ['-a -t 192.0.2.1:80 -r 10.0.0.1:81 -m', {port: 81, method: 'nat'}],
    ['-a -r 10.0.0.1:0 -t 192.0.2.1:80 -m', {port: 0}],
    ['-a -f 5 -r 10.0.0.1:80 -w 0 -x 9 -y 3', {port: 80, weight: 0, upperThreshold: 9, lowerThreshold: 3}],
    ['-a -t 192.0.2.1:80 -r [2001:db8::9]:http -i', {method: 'tun', tunnel: {type: 'ipip'}}],
    [
      '-a -t 192.0.2.1:80 -r 10.0.0.1 -i --tun-type gue --tun-port 6080 --tun-remcsum',
      {tunnel: {type: 'gue', port: 6080, checksum: 'remcsum'}},
    ],
  ])('adds a real server: %s', (line, destination) => {
    expect(parse(line)).toMatchObject({type: 'command', command: {change: {type: 'add-destination', destination}}})
  })

  it.each([
    ['', {type: 'list', view: {columns: 'plain', numeric: false, exact: false, sorted: true}}],
    ['-Ln --rate --stats --exact --nosort', {view: {columns: 'stats', numeric: true, exact: true, sorted: false}}],
    ['-lnc --persistent-conn', {type: 'list-connections', numeric: true, engines: true}],
    ['--set 0 +2 03', {type: 'set-timeouts', timeouts: {tcpSeconds: 0, tcpFinSeconds: 2, udpSeconds: 3}}],
    [
      '--start-daemon=backup --syncid 7',
      {type: 'start-daemon', daemon: {role: 'backup', interface: 'eth0', syncId: 7}},
    ],
    ['--stop-daemon master', {type: 'stop-daemon', role: 'master'}],
    ['-Z -f 5', {type: 'zero', id: {type: 'fwmark', mark: 5, family: 4}}],
    ['-S -n', {type: 'save', numeric: true}],
    ['-vL', {type: 'version'}],
  ])('orders: %s', (line, command) => {
    expect(parse(line)).toMatchObject({type: 'command', command})
  })

  it.each([
    ['-t 192.0.2.1:80 -A', 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n"],
    ['-A', 2, "You need to supply the 'service-address' option for the 'add-service' command\n"],
    ['-A -c -n', 2, "Illegal 'numeric' option with the 'add-service' command\n"],
    ['-AD -t 192.0.2.1:80', 2, "invalid option `-AD'\n"],
    ['-A -t 192.0.2.1', 2, 'Zero port specified for non-persistent service\n'],
    ['-A -t 192.0.2.1:80 -t bad', 2, "multiple 'service-address' options specified\n"],
    ['-A -6 -f 1', 2, '-6 used before -f\n\n'],
    ['-A -f 0', 2, "invalid fwmark value `0' specified\n"],
    ['-A -f 1 -p 0', 2, "invalid timeout value `0' specified\n"],
    ['-A -f 1 -p -5', 255, '-5: unknown option\n'],
    ['-A -f 1 -s', 255, '-s: missing argument\n'],
    ['-L --stats=x', 255, '--stats=x: option does not take an argument\n'],
    ['-A -f 1 -b sh-port', 2, "incompatible scheduler flag `sh-port'\n"],
    ['-L -c --timeout', 2, "The option 'timeout' conflicts with the 'connection' option in the 'list' command\n"],
    ['-L -c --stats', 2, 'options conflicts in the list command\n'],
    ['-a -f 1 -r 10.0.0.1 --tun-type gre', 2, 'Tunnel options conflict with forward method\n'],
    [
      '-a -f 1 -r 10.0.0.1 -i --tun-type gue',
      2,
      "You need to supply the 'tun-port' option for the 'gue' tunnel type\n",
    ],
    ['-a -f 1 -r [2001:db8::9]:80', 2, 'Different address family is allowed only for tunneling servers\n'],
    ['-a -f 1 -r [2001:db8::9]', 2, 'illegal real server address[:port] specified\n'],
    ['--set 1 2', 2, '--set option requires 3 timeout values\n'],
    ['-C foo', 2, 'unexpected argument foo\n'],
    ['--start-daemon x', 2, 'illegal start-daemon parameter specified\n'],
    ['--start-daemon master --mcast-group 10.0.0.1', 2, "invalid IPv4 mcast-group `10.0.0.1'\n"],
  ])('is refused as ipvsadm refuses it: %s', (line, status, text) => {
    expect(parse(line)).toMatchObject({type: 'failed', status, text})
  })

  it('explains what is permitted, on one line', () => {
    expect(parse('-a -f 1 -r 10.0.0.1 -w 3x')).toMatchObject({
      explanation: 'weight 3x is not permitted: 0 to 2147483647',
    })
    const failures = ['-A -f \u001b[2J', '-A -t \n', '-Q\r', '-C \u2028'].map(line => parse(line))
    for (const failure of failures) {
      expect(failure).toMatchObject({type: 'failed', explanation: expect.stringMatching(/^[\x20-\x7e]+$/)})
    }
  })

  it('cannot restore within what is restored', () => {
    expect(parseCommand(['-R'], NAMES)).toMatchObject({type: 'command', command: {type: 'restore'}})
    expect(parseCommand(['-R'], NAMES, {nested: true})).toMatchObject({type: 'failed', status: 255, fatal: true})
  })

  it('goes on after an unknown option of a line of -R, and after nothing else', () => {
    expect(parse('-A -f 1 -z')).toMatchObject({fatal: false})
    expect(parse('-A -f 1 -w 1')).toMatchObject({fatal: true})
  })

  it('asks for a host that was not looked up yet', () => {
    expect(parse('-A -t later:80')).toEqual({type: 'unasked', host: 'later'})
  })
})

// inet_aton(3)
describe('an IPv4 address as inet_aton reads it', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3', '1.2.0.3'],
    ['10.1', '10.0.0.1'],
    ['1', '0.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['010.2.3.4', '8.2.3.4'],
    ['1.16777215', '1.255.255.255'],
    ['4294967295', '255.255.255.255'],
    ['1.2.3.4 behind', '1.2.3.4'],
  ])('%s is %s', (text, address) => expect(inetAton(text)).toBe(address))

  it.each([
    '',
    '1.2.3.256',
    '08.2.3.4',
    '1.16777216',
    '4294967296',
    '1.2.3.4.5',
    '1.2.3.',
    '.1',
    '1..2',
    '-1',
    ' 1.2.3.4',
  ])('"%s" is none', text => expect(inetAton(text)).toBeUndefined())
})

describe('an address with a port', () => {
  it.each([
    ['::1', {address: '::1', port: undefined}],
    ['::1:80', {address: '::1:80', port: undefined}],
    ['[::1]:http', {address: '::1', port: 80}],
    // The port of IPv4 in brackets counts for nothing.
    ['[192.0.2.1]:80', {address: '192.0.2.1', port: undefined}],
    ['192.0.2.1:+80', {address: '192.0.2.1', port: 80}],
  ])('%s', (text, read) => expect(readAddressPort(text, 'tcp', NAMES)).toEqual({ok: true, ...read}))

  it.each(['[::1]', '[::1', '[::1]80', '[::1]:', '[::1]:80:90', '192.0.2.1:', '192.0.2.1:99999', ':80', 'no such:80'])(
    '"%s" is none',
    text => expect(readAddressPort(text, 'tcp', NAMES)).toEqual({ok: false}),
  )
})
