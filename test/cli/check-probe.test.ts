import {describe, expect, test} from 'vitest'
import type {ProbeFlags} from '../../src/cli/check-flags.ts'
import {handMadeProbe} from '../../src/cli/check-probe.ts'
import {readTarget} from '../../src/cli/check-target.ts'
import type {HttpProbePlan} from '../../src/core/check/plan.ts'

const nobody = async (name: string): Promise<string> => {
  throw new Error(`${name} was looked up`)
}
const probe = (url: string, flags: ProbeFlags = {}) => handMadeProbe(url, flags, nobody)
const http = async (url: string, flags: ProbeFlags = {}): Promise<HttpProbePlan> =>
  (await handMadeProbe(url, flags, async () => '192.0.2.7')) as HttpProbePlan

describe('a URL', () => {
  test.each([
    ['http://10.0.0.1/health', {scheme: 'http', host: '10.0.0.1', port: 80, authority: '10.0.0.1:80', rest: '/health'}],
    ['HTTPS://[2001:db8::1]:8443?x', {host: '2001:db8::1', port: 8443, authority: '[2001:db8::1]:8443', rest: '?x'}],
    // The usual port is not said in the field Host, RFC 9110 section 7.2.
    ['https://www.example.org:443/', {host: 'www.example.org', port: 443, authority: 'www.example.org'}],
    // What a browser would make shorter stays.
    ['http://10.0.0.1/a/../b//c%2F', {rest: '/a/../b//c%2F'}],
    ['tcp://10.0.0.1:81', {scheme: 'tcp', port: 81, rest: ''}],
    ['smtp://10.0.0.1', {port: 25}],
    ['dns://10.0.0.1/example.org?type=A', {port: 53, rest: '/example.org?type=A'}],
    ['ping://[::1]', {port: 0, host: '::1'}],
  ])('%s is read', (url, expected) => {
    expect(readTarget(url)).toMatchObject(expected)
  })

  test.each([
    ['10.0.0.1', 'it begins with none'],
    ['ftp://10.0.0.1/', 'it begins with none'],
    ['http://', 'is no host'],
    ['http://::1/', '"::1" is no host'],
    ['http://[::1/', 'is no host'],
    ['http://[::1]x/', 'is no host'],
    ['http://a b/', 'is no host'],
    ['http://user:secret@10.0.0.1/', 'there can be no user in it'],
    ['http://10.0.0.1:/', '"" is no port'],
    ['http://10.0.0.1:65536/', '"65536" is no port'],
    ['http://10.0.0.1:-1/', '"-1" is no port'],
    ['http://10.0.0.1/a b', 'blanks'],
    ['http://10.0.0.1/\r\nX: y', 'blanks'],
    ['http://10.0.0.1/ä', 'blanks'],
    ['http://10.0.0.1/#part', 'a fragment'],
    ['udp://10.0.0.1', 'the port is missing'],
    ['ping://10.0.0.1:7', 'ping has no port'],
  ])('%s is refused', (url, message) => {
    expect(() => readTarget(url)).toThrow(message)
  })

  test.each(['tcp://10.0.0.1:80/path', 'ping://10.0.0.1/x', 'smtp://10.0.0.1?x'])('%s says too much', async url => {
    await expect(probe(url)).rejects.toThrow('is not for')
  })
})

describe('a probe made by hand', () => {
  test('has the defaults of keepalived.conf(5)', async () => {
    expect(await probe('http://10.0.0.1')).toEqual({
      type: 'http',
      connection: {
        address: '10.0.0.1',
        port: 80,
        bindAddress: undefined,
        bindPort: undefined,
        bindInterface: undefined,
        fwmark: 0,
        timeoutMs: 5_000,
      },
      tls: undefined,
      protocol: '1.0',
      fastRecovery: false,
      pages: [
        {
          path: '/',
          host: '10.0.0.1:80',
          digest: undefined,
          status: [{from: 200, to: 299}],
          regex: undefined,
          tlsCompliant: undefined,
        },
      ],
    })
    expect(await probe('dns://10.0.0.1')).toMatchObject({type: 'dns', recordType: 'SOA', queryName: '.'})
    expect(await probe('smtp://10.0.0.1')).toMatchObject({heloName: 'smtpchecker.keepalived.org'})
    expect(await probe('udp://10.0.0.1:514')).toMatchObject({
      payload: undefined,
      requireReply: undefined,
      minReplyLengthBytes: 0,
      maxReplyLengthBytes: 255,
    })
  })

  test('comes from where the flags say', async () => {
    const flags = {bind: '::1', 'bind-port': '5353', interface: 'eth0', fwmark: '4294967295', timeout: '0.25'}
    expect((await probe('tcp://[::2]:80', flags)).connection).toEqual({
      address: '::2',
      port: 80,
      bindAddress: '::1',
      bindPort: 5353,
      bindInterface: 'eth0',
      fwmark: 4_294_967_295,
      timeoutMs: 250,
    })
  })

  test.each([
    ['5', 5_000],
    ['5s', 5_000],
    ['500ms', 500],
    ['3600', 3_600_000],
  ])('%s is a time', async (timeout, timeoutMs) => {
    expect((await probe('tcp://10.0.0.1:80', {timeout})).connection.timeoutMs).toBe(timeoutMs)
  })

  test('looks names up, asks TLS for them, and says them to the server', async () => {
    const plan = await http('https://www.example.org:8443/x')
    expect(plan.connection).toMatchObject({address: '192.0.2.7', port: 8443})
    expect(plan.tls).toEqual({serverName: 'www.example.org', compliant: false})
    expect(plan.pages[0]?.host).toBe('www.example.org:8443')
    expect((await http('https://10.0.0.1/')).tls?.serverName).toBeUndefined()
    expect((await http('https://10.0.0.1/', {sni: 'a.example.org'})).tls?.serverName).toBe('a.example.org')
  })

  test('asks for a page and judges it as the flags say', async () => {
    const plan = await http('http://10.0.0.1/?x', {
      status: '200-204,404 500',
      digest: 'ABCDEF0123456789ABCDEF0123456789',
      regex: 'a b',
      'regex-options': 'caseless,dotall',
      'regex-no-match': true,
      protocol: '1.0c',
    })
    expect(plan).toMatchObject({protocol: '1.0C'})
    expect(plan.pages).toMatchObject([
      {
        path: '/?x',
        digest: 'abcdef0123456789abcdef0123456789',
        status: [
          {from: 200, to: 204},
          {from: 404, to: 404},
          {from: 500, to: 500},
        ],
        regex: {pattern: 'a b', options: ['caseless', 'dotall'], noMatch: true},
      },
    ])
  })

  test.each([
    ['dns://10.0.0.1/example.org?type=aaaa', 'AAAA', 'example.org'],
    ['dns://10.0.0.1?type=NS', 'NS', '.'],
    ['dns://10.0.0.1/example.org.', 'SOA', 'example.org.'],
  ])('%s asks DNS', async (url, recordType, queryName) => {
    expect(await probe(url)).toMatchObject({type: 'dns', recordType, queryName})
  })

  test('sends bytes over UDP and waits for others', async () => {
    expect(await probe('udp://10.0.0.1:53', {payload: 'DE ad', reply: 'be?F', 'min-reply-length': '2'})).toMatchObject({
      payload: 'dead',
      requireReply: 'bexf',
      minReplyLengthBytes: 2,
    })
    expect(await probe('udp://10.0.0.1:53', {reply: ''})).toMatchObject({requireReply: ''})
  })

  test.each<[string, ProbeFlags, string]>([
    ['tcp://10.0.0.1:80', {digest: '0'.repeat(32)}, '--digest is not for tcp://'],
    ['http://10.0.0.1/', {sni: 'x'}, '--sni is not for http://'],
    ['ping://10.0.0.1', {'bind-port': '1'}, '--bind-port is not for ping://'],
    ['http://10.0.0.1/', {digest: 'abc'}, '--digest: "abc" is no MD5'],
    ['http://10.0.0.1/', {status: '99'}, '--status: "99" is no status'],
    ['http://10.0.0.1/', {status: '299-200'}, '--status: "299-200" is no status'],
    ['http://10.0.0.1/', {status: '200-600'}, '--status: "200-600" is no status'],
    ['http://10.0.0.1/', {regex: 'x', 'regex-options': 'fast'}, '--regex-options: "fast" is none'],
    ['http://10.0.0.1/', {virtualhost: 'a\r\nX: y'}, '--virtualhost: "a'],
    ['http://10.0.0.1/', {timeout: '0'}, '--timeout: "0" is no time'],
    ['http://10.0.0.1/', {timeout: '3601'}, '--timeout: "3601" is no time'],
    ['http://10.0.0.1/', {bind: 'eth0'}, '--bind: "eth0" is no address'],
    ['http://10.0.0.1/', {bind: '::1'}, '--bind: from ::1 there is no way to 10.0.0.1'],
    ['http://10.0.0.1/', {interface: 'a-name-too-long-for-it'}, '--interface: "a-name'],
    ['http://10.0.0.1/', {fwmark: '4294967296'}, '--fwmark: "4294967296" is no whole number'],
    ['udp://10.0.0.1:1', {payload: 'abc'}, '--payload: "abc" is no bytes'],
    ['udp://10.0.0.1:1', {payload: 'xx'}, '--payload: "xx" is no bytes'],
    ['udp://10.0.0.1:1', {'max-reply-length': '65536'}, '--max-reply-length: "65536" is no whole number'],
    ['dns://10.0.0.1/a..b', {}, '"a..b" is no name of DNS'],
    ['dns://10.0.0.1/a?type=ANY', {}, '"ANY" is no type'],
    ['dns://10.0.0.1/a?class=IN', {}, '"?class=IN" is no question'],
  ])('%s with %o is refused', async (url, flags, message) => {
    await expect(probe(url, flags)).rejects.toThrow(message)
  })
})
