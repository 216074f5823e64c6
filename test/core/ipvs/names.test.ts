import {describe, expect, it} from 'vitest'
import {destinationName, parseDestinationName, parseServiceName, serviceName} from '../../../src/core/ipvs/names.ts'

describe('names of services', () => {
  it.each([
    ['192.0.2.1:80/tcp', '192.0.2.1:80/tcp'],
    ['192.0.2.1:080/TCP', '192.0.2.1:80/tcp'],
    ['192.0.2.1:0/udp', '192.0.2.1:0/udp'],
    ['192.0.2.1:65535/sctp', '192.0.2.1:65535/sctp'],
    ['[2001:DB8:0::1]:53/udp', '[2001:db8::1]:53/udp'],
    ['[::ffff:192.0.2.1]:53/udp', '[::ffff:192.0.2.1]:53/udp'],
    ['fwm/1', 'fwm/1'],
    ['fwm6/4294967295', 'fwm6/4294967295'],
  ])('reads %s and writes %s', (text, name) => {
    const parsed = parseServiceName(text)
    if (!parsed.ok || parsed.id.type === 'any-protocol') throw new Error('a service was expected')
    expect(serviceName(parsed.id)).toBe(name)
    expect(parseServiceName(name)).toEqual(parsed)
  })

  it('leave the protocol open where it is left out', () => {
    expect(parseServiceName('192.0.2.1:80')).toEqual({
      ok: true,
      id: {type: 'any-protocol', address: '192.0.2.1', port: 80},
    })
    expect(parseServiceName('[2001:db8::1]:80')).toMatchObject({ok: true, id: {type: 'any-protocol', port: 80}})
  })

  it.each(['192.0.2.1 80', 'fwmark 5', 'group web', '192.0.2.1', '2001:db8::1', 'web', '', '2001:db8::1:80/tcp'])(
    'may be in the configuration: %j',
    text => {
      const parsed = parseServiceName(text)
      expect(parsed).toMatchObject({ok: false, maybeConfigured: true})
    },
  )

  it.each([
    ['192.0.2.1:65536/tcp', 'service 192.0.2.1:65536/tcp: 65536 is not a port; 1 to 65535, or 0 for every port'],
    ['192.0.2.1:/tcp', 'service 192.0.2.1:/tcp: "" is not a port; 1 to 65535, or 0 for every port'],
    ['192.0.2.1:-1/tcp', 'service 192.0.2.1:-1/tcp: -1 is not a port; 1 to 65535, or 0 for every port'],
    ['192.0.2.1:http/tcp', 'service 192.0.2.1:http/tcp: http is not a port; 1 to 65535, or 0 for every port'],
    ['192.0.2.1:80/icmp', 'service 192.0.2.1:80/icmp: icmp is not a protocol; tcp, udp or sctp'],
    ['192.0.2.1:80/', 'service 192.0.2.1:80/: "" is not a protocol; tcp, udp or sctp'],
    ['fwm/0', 'service fwm/0: 0 is not a mark; 1 to 4294967295'],
    ['fwm/4294967296', 'service fwm/4294967296: 4294967296 is not a mark; 1 to 4294967295'],
    ['fwm6/x', 'service fwm6/x: x is not a mark; 1 to 4294967295'],
  ])('are refused with what is permitted: %s', (text, message) => {
    expect(parseServiceName(text)).toEqual({ok: false, maybeConfigured: false, message})
  })

  it.each(['192.0.2.256:80/tcp', '192.0.2:80/tcp', '[192.0.2.1]:80/tcp', '[2001:db8::g]:80/tcp', 'www:80/tcp', ':80'])(
    'are refused where the address is none: %s',
    text => {
      const parsed = parseServiceName(text)
      expect(parsed).toMatchObject({ok: false, maybeConfigured: false})
      expect(parsed.ok ? '' : parsed.message).toContain('is not an address; 192.0.2.1:80/tcp')
    },
  )

  it('are shown on one line, cut, when they are hostile', () => {
    const parsed = parseServiceName(`\u001b[2J\n${'x'.repeat(5000)}:80/tcp`)
    if (parsed.ok) throw new Error('it should be refused')
    expect(parsed.message.length).toBeLessThan(400)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(parsed.message).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
  })
})

describe('names of real servers', () => {
  it.each([
    ['10.0.0.1:80', '10.0.0.1:80'],
    ['10.0.0.1', '10.0.0.1:443'],
    ['10.0.0.1:0', '10.0.0.1:0'],
    ['[2001:db8::A]:80', '[2001:db8::a]:80'],
    ['[2001:db8::a]', '[2001:db8::a]:443'],
  ])('reads %s and writes %s, the port of the service being 443', (text, name) => {
    const parsed = parseDestinationName(text, {defaultPort: 443})
    if (!parsed.ok) throw new Error(parsed.message)
    expect(destinationName(parsed.id)).toBe(name)
  })

  it.each([
    ['2001:db8::a', 'IPv6 stands in brackets'],
    ['10.0.0.1:', '"" is not a port; 0 to 65535'],
    ['10.0.0.1:65536', '65536 is not a port; 0 to 65535'],
    ['10.0.0.1:80/tcp', 'is not a port'],
    ['web1:80', 'web1 is not an address'],
    ['web1', 'web1 is not an address'],
    ['', '"" is not an address'],
    ['[10.0.0.1]', 'is not an address'],
    ['10.0.0.1 80', 'is not an address'],
  ])('are refused with what is permitted: %j', (text, problem) => {
    const parsed = parseDestinationName(text, {defaultPort: 443})
    expect(parsed.ok ? '' : parsed.message).toContain(problem)
  })
})
