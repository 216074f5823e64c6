import {describe, expect, it} from 'vitest'
import {
  addressAndPort,
  checkerKind,
  checkerTarget,
  describeFailure,
  noReplyReason,
  timeoutReason,
} from '../../../src/core/check/describe.ts'
import type {ProbePlan} from '../../../src/core/check/plan.ts'
import {connection, ip, pages} from './plans.ts'

const to = connection()
const tls = {serverName: undefined, compliant: false}
const six = connection({address: ip('2001:db8::1'), port: 443})

describe('a checker in words', () => {
  it.each<[ProbePlan, string, string]>([
    [{type: 'tcp', connection: to}, 'TCP_CHECK', '10.0.0.1:80'],
    [{type: 'smtp', connection: six, heloName: 'x'}, 'SMTP_CHECK', '[2001:db8::1]:443'],
    [{type: 'ping', connection: to}, 'PING_CHECK', '10.0.0.1'],
    [
      {
        type: 'udp',
        connection: to,
        payload: '00',
        requireReply: undefined,
        minReplyLengthBytes: 0,
        maxReplyLengthBytes: 9,
      },
      'UDP_CHECK',
      '10.0.0.1:80',
    ],
    [
      {type: 'dns', connection: to, recordType: 'A', queryName: 'www.example.org'},
      'DNS_CHECK',
      'A of www.example.org at 10.0.0.1:80',
    ],
    [{type: 'misc', words: ['/bin/x', '-v'], timeoutMs: 1, dynamic: false, user: undefined}, 'MISC_CHECK', '/bin/x -v'],
    [{type: 'file', trackFile: 'f', weight: 0, reverse: false}, 'FILE_CHECK', 'file f'],
    [{type: 'bfd', session: 's'}, 'BFD_CHECK', 'session s'],
    [pages(['/health']), 'HTTP_GET', 'http://www.example.org/health at 10.0.0.1:80'],
    [pages(['/a', '/b', '/c']), 'HTTP_GET', 'http://www.example.org/a and 2 more at 10.0.0.1:80'],
    [pages(['/a'], {tls, connection: six}), 'SSL_GET', 'https://www.example.org/a at [2001:db8::1]:443'],
    [pages([]), 'HTTP_GET', '10.0.0.1:80'],
  ])('%j', (probe, kind, target) => {
    expect([checkerKind(probe), checkerTarget(probe)]).toEqual([kind, target])
  })

  it('names one page of several', () => {
    expect(checkerTarget(pages(['/a', '/b']), 1)).toBe('http://www.example.org/b at 10.0.0.1:80')
  })

  it('does not name the address twice', () => {
    const [page] = pages(['/a']).pages
    const plain = pages(['/a'], {pages: [{...(page as NonNullable<typeof page>), host: '10.0.0.1:80'}]})
    expect(checkerTarget(plain)).toBe('http://10.0.0.1:80/a')
  })

  it('says why a real server is down', () => {
    expect(describeFailure({type: 'tcp', connection: to}, 'refused')).toBe('TCP_CHECK of 10.0.0.1:80: refused')
  })
})

describe('a duration in a reason', () => {
  it.each([
    [timeoutReason(5000), 'timeout after 5 s'],
    [timeoutReason(300), 'timeout after 300 ms'],
    [noReplyReason(3500), 'no reply within 3.5 s'],
  ])('%s', (text, expected) => {
    expect(text).toBe(expected)
  })

  it('puts brackets around an address of IPv6 only', () => {
    expect([addressAndPort(to), addressAndPort(six)]).toEqual(['10.0.0.1:80', '[2001:db8::1]:443'])
  })
})
