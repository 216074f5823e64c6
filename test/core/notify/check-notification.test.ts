import {describe, expect, it, test} from 'vitest'
import type {IpAddress} from '../../../src/core/ip.ts'
import {
  type CheckNotification,
  checkFifoLine,
  checkMailText,
  type NotifiedServer,
} from '../../../src/core/notify/check-notification.ts'

const ip = (text: string): IpAddress => text as IpAddress
const address = (text: string, port: number, protocol: string): NotifiedServer => ({
  service: {type: 'address', address: ip(text), port},
  protocol,
})
const WEB = address('192.0.2.1', 80, 'tcp')
const SIX = address('2001:db8::1', 53, 'udp')
const MARK: NotifiedServer = {service: {type: 'fwmark', mark: 5}, protocol: undefined}
const GROUP: NotifiedServer = {service: {type: 'group', group: 'web'}, protocol: 'tcp'}

const virtual = (server: NotifiedServer, up: boolean, more = {}): CheckNotification => ({
  type: 'virtual-server',
  server,
  up,
  first: false,
  quorum: 2,
  hysteresis: 1,
  weight: up ? 3 : 0,
  ...more,
})
const real = (server: NotifiedServer, target: readonly [string, number], up: boolean, reason?: string) =>
  ({
    type: 'real-server',
    server,
    realServer: {address: ip(target[0]), port: target[1]},
    up,
    reason,
  }) as const

// Lines, subjects and first lines of mails as keepalived 2.2.7 wrote them under Linux 6.1.
test.each([
  [virtual(WEB, true), 'VS [192.0.2.1]:tcp:80 UP'],
  [virtual(MARK, false), 'VS FWM 5 DOWN'],
  [virtual(GROUP, true), 'VS [web]:0 UP'],
  [virtual(SIX, true), 'VS [2001:db8::1]:udp:53 UP'],
  [real(WEB, ['10.0.0.1', 80], false), 'RS [10.0.0.1]:tcp:80 [192.0.2.1]:tcp:80 DOWN'],
  [real(MARK, ['10.0.0.1', 0], false), 'RS [10.0.0.1]:none:0 FWM 5 DOWN'],
  [real(GROUP, ['10.0.0.1', 80], true), 'RS [10.0.0.1]:tcp:80 [web]:0 UP'],
  [real(SIX, ['2001:db8::10', 53], true), 'RS [2001:db8::10]:udp:53 [2001:db8::1]:udp:53 UP'],
  [real(address('192.0.2.3', 0, 'sctp'), ['10.0.0.1', 0], false), 'RS [10.0.0.1]:sctp:0 [192.0.2.3]:sctp:0 DOWN'],
])('the pipe gets of %o the line %s', (notification, line) => {
  expect(checkFifoLine(notification)).toBe(`${line}\n`)
})

describe('a mail', () => {
  it.each([
    [virtual(WEB, true, {first: true}), 'Starting with quorum up 2+1=3 <= 3'],
    [virtual(WEB, true), 'Gained quorum 2+1=3 <= 3'],
    // Its log has it so; its mail says "2+1=1 <= 0".
    [virtual(WEB, false), 'Lost quorum 2-1=1 > 0'],
  ])('tells of a quorum: %#', (notification, words) => {
    const state = notification.up ? 'UP' : 'DOWN'
    expect(checkMailText('LB1', notification)).toEqual({
      subject: `[LB1] Virtualserver [192.0.2.1]:tcp:80 - ${state}`,
      text: `=> ${words} <=\r\n`,
    })
  })

  it.each([
    ['TCP_CHECK of 10.0.0.1:80: refused', 'TCP CHECK failed on service', 'TCP CHECK succeed on service'],
    ['MISC_CHECK of /bin/x: exit status 1', 'MISC CHECK failed on service', 'MISC CHECK succeeded on service'],
    ['DNS_CHECK of 10.0.0.1:53: refused', 'DNS_CHECK: failed on service', 'DNS_CHECK: succeed on service'],
    ['UDP_CHECK of 10.0.0.1:53: refused', 'UDP CHECK failed on service', 'UDP CHECK succeed on service'],
    ['PING_CHECK of 10.0.0.1: no reply', 'ICMP CHECK failed on service', 'ICMP CHECK succeed on service'],
    ['HTTP_GET of http://10.0.0.1/: status 503', 'CHECK failed on service', 'CHECK succeed on service'],
    ['SMTP_CHECK of 10.0.0.1:25: refused', 'CHECK failed on service', 'CHECK succeed on service'],
  ])('tells of a real server in the words for its checker, and what that found: %s', (reason, down, up) => {
    const subject = '[LB1] Realserver [10.0.0.1]:tcp:80 of virtual server [192.0.2.1]:tcp:80'
    expect(checkMailText('LB1', real(WEB, ['10.0.0.1', 80], false, reason))).toEqual({
      subject: `${subject} - DOWN`,
      text: `=> ${down} <=\r\n${reason}\r\n`,
    })
    expect(checkMailText('LB1', real(WEB, ['10.0.0.1', 80], true, reason))).toEqual({
      subject: `${subject} - UP`,
      text: `=> ${up} <=\r\n${reason}\r\n`,
    })
  })

  it('tells of a real server that the configuration has no more', () => {
    const {subject, text} = checkMailText('LB1', real(MARK, ['10.0.0.1', 0], false))
    expect(subject).toBe('[LB1] Realserver [10.0.0.1]:none:0 of virtual server FWM 5 - DOWN')
    expect(text).toBe('=> Removing <=\r\n')
  })
})
