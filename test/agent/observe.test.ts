import {expect, it} from 'vitest'
import {CONFIG_FILE, type Daemon, startAgent, startKeepalived, stopGracefully} from '../lab/daemon.ts'
import type {Host} from '../lab/host.ts'
import {type Lab, withLab} from '../lab/lab.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {sleep, until} from '../lab/wait.ts'
import {done, overrides, refused} from './operator.ts'
import {type Director, hactl, INTERVAL_MS, journal, routerStatus, VIP, VRID} from './pair.ts'

const MAC = '02:00:00:00:00:01'
const STATIC = '10.9.0.110'
const KEPT = '10.9.0.101'

/** What there is to be left alone: an interface of its own, a static address, scripts, rules. */
const config = (priority: number, lines = ''): string => `
global_defs {
    vrrp_version 3
    script_user root
    startup_script /run/begin
    shutdown_script /run/begin
    notify_fifo /run/fifo
}
static_ipaddress {
    ${STATIC}/32 dev eth0
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id ${VRID}
    priority ${priority}
    advert_int ${INTERVAL_MS / 1_000}
    garp_master_delay 0
    ${lines}
    virtual_ipaddress {
        ${VIP}/24
    }
}
`

/** One that keepalived keeps. */
const SECOND = `
vrrp_instance VI_2 {
    interface eth0
    virtual_router_id ${VRID + 1}
    priority 150
    advert_int ${INTERVAL_MS / 1_000}
    virtual_ipaddress {
        ${KEPT}/24
    }
}
`

const NOTIFY = 'notify "/bin/sh -c \'echo $3 >>/run/notified\' x"'

/** Everything of the kernel that an agent could change. */
async function picture(host: Host): Promise<string> {
  const commands = [
    'ip -d -o link; ip -o addr; ip route show table all; ip rule',
    'grep -r . /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_nonlocal_bind 2>/dev/null',
    'nft list ruleset 2>/dev/null; cat /proc/net/igmp',
  ]
  const {stdout} = await host.run(['sh', '-c', commands.join('; ')])
  // Lifetimes and timers run; the group of VRRP has one more listener.
  return stdout
    .replaceAll(/(valid|preferred)_lft \S+|expires \S+|\t+[0-9A-F]{8} .*/g, '')
    .replaceAll(/ipv6\/conf\/\w+\/stable_secret.*/g, '')
}

/** A director that runs keepalived, and may run an agent that observes. */
async function observed(lab: Lab, text: string) {
  const segment = await lab.segment()
  const capture = await segment.capture()
  const host = await lab.host('one')
  const link = await host.attach(segment, {interface: 'eth0', address: '10.9.0.1/24', mac: MAC})
  host.writeFile('/run/begin', '#!/bin/sh\necho begun >>/run/begun\n', {mode: 0o755})
  const keepalived = await startKeepalived(host, {config: text})
  await until('keepalived to be master', () => host.holds(VIP), {timeoutMs: 5_000})
  const observe = async (): Promise<Director> => {
    const agent: Daemon = await startAgent(host, {config: text, flags: ['--observe']})
    return {name: 'one', host, link, address: '10.9.0.1', agent}
  }
  return {segment, capture, host, keepalived, observe}
}

const state = (director: Director, name: string): Promise<unknown> =>
  until(
    `the observer to be ${name}`,
    () => journal(director).findLast(({facts}) => facts.to !== undefined)?.facts.to === name,
    {
      timeoutMs: 5_000,
    },
  )

labSuite('an agent that only observes', ['ip', 'keepalived'], () => {
  it.concurrent.each([
    ['', 'an interface of others'],
    ['use_vmac', 'an interface that keepalived made'],
  ])(
    'sends nothing and touches nothing beside keepalived: %j, %s',
    async lines => {
      await withLab(async lab => {
        const {capture, host, keepalived, observe} = await observed(lab, config(150, `${lines}\n${NOTIFY}`))
        await until('the script of keepalived', () => host.hasFile('/run/notified'), {timeoutMs: 3_000})
        await sleep(1_000)
        const before = await picture(host)
        await capture.settle()
        const fromMs = Date.now()
        const one = await observe()
        await state(one, 'master')
        // Two looks at everything.
        await sleep(2_200)
        await capture.settle()
        expect(await done(one, 'vrrp', 'status')).toMatch(/VI_1 +MASTER \(observed\) +150/)
        expect(await routerStatus(one)).toMatchObject({observed: true, counters: {advertisementsSent: 0, garpSent: 0}})
        expect(await refused(one, 'vrrp', 'takeover', 'VI_1')).toContain('VI_1 is only observed')
        expect(await hactl(one, 'vip', 'announce')).toMatchObject({code: 5})
        const sent = capture.adverts({source: '10.9.0.1', fromMs})
        expect(sent.length).toBeLessThanOrEqual(Math.ceil((Date.now() - fromMs) / INTERVAL_MS) + 1)
        const others = capture.packets.filter(
          ({atMs, kind, sourceMac}) => atMs >= fromMs && kind === 'arp' && sourceMac !== '0200c0ffee01',
        )
        expect(others).toEqual([])
        expect(await picture(host)).toBe(before)
        expect(await stopGracefully(one.agent)).toEqual({code: 0, signal: null})
        expect(await picture(host)).toBe(before)
        expect(
          host
            .readFile('/run/notified')
            .trim()
            .split('\n')
            .filter(line => line === 'MASTER'),
        ).toHaveLength(1)
        expect(host.readFile('/run/notified')).not.toContain('STOP')
        expect([host.readFile('/run/begun'), host.hasFile('/run/fifo')]).toEqual(['begun\n', true])
        await stopGracefully(keepalived)
      })
    },
    30_000,
  )

  it.concurrent('follows a better neighbour as keepalived does', async () => {
    await withLab(async lab => {
      const {segment, host, keepalived, observe} = await observed(lab, config(150))
      const one = await observe()
      await state(one, 'master')
      const better = await lab.host('two')
      await better.attach(segment, {interface: 'eth0', address: '10.9.0.2/24'})
      const other = await startKeepalived(better, {config: config(200).replace(STATIC, '10.9.0.111')})
      await until('keepalived to yield', () => !host.holds(VIP), {timeoutMs: 5_000})
      await state(one, 'backup')
      expect(await done(one, 'vrrp', 'status')).toMatch(/VI_1 +BACKUP \(observed\) .* 10\.9\.0\.2 /)
      await stopGracefully(other)
      await state(one, 'master')
      await stopGracefully(keepalived)
    })
  }, 30_000)

  it.concurrent.each([[''], ['use_vmac']])(
    'is switched over for one instance that keepalived gave up: %j',
    async lines => {
      await withLab(async lab => {
        const both = `${config(150, lines)}${SECOND}`
        const {capture, host, keepalived, observe} = await observed(lab, both)
        const one = await observe()
        await state(one, 'master')
        expect(await refused(one, 'vrrp', 'activate', 'VI_1')).toContain(`${VIP} is on this host`)
        expect(await overrides(one)).toEqual([])
        host.writeFile(CONFIG_FILE, both.slice(0, both.indexOf('vrrp_instance VI_1')) + SECOND)
        keepalived.process.signal('SIGHUP')
        await until('keepalived to have given it up', () => !host.holds(VIP), {timeoutMs: 3_000})
        const fromMs = Date.now()
        const holds = (): Promise<unknown> => until('the address', () => host.holds(VIP), {timeoutMs: 5_000})
        await done(one, 'vrrp', 'activate', 'VI_1')
        await holds()
        await capture.waitForAdvert({source: '10.9.0.1', vrid: VRID, fromMs}, {timeoutMs: 2_000})
        await until('announcements', () => capture.gratuitousArps(VIP, {fromMs}).length > 0, {timeoutMs: 2_000})
        const status = await done(one, 'vrrp', 'status')
        expect(status).toMatch(/VI_1 +MASTER +150/)
        expect(status).toMatch(/VI_2 +MASTER \(observed\) +150/)
        expect(await refused(one, 'vrrp', 'activate', 'VI_1')).toContain('runs already')

        const devices = async (): Promise<string> => (await host.run(['ip', '-o', 'link'])).stdout
        expect((await devices()).includes('vrrp')).toBe(lines !== '')
        expect(await stopGracefully(one.agent)).toEqual({code: 0, signal: null})
        expect([VIP, KEPT, STATIC].map(address => host.holds(address))).toEqual([false, true, true])
        expect(await devices()).not.toContain('vrrp')
        const again = await observe()
        await holds()
        await state(again, 'master')
        expect((await routerStatus(again)).observed).toBe(false)
        const [activated] = await overrides(again)
        await done(again, 'agent', 'overrides', '--cancel', activated?.id ?? '')
        await until('the address to go', () => !host.holds(VIP), {timeoutMs: 3_000})
        expect(await done(again, 'vrrp', 'status')).toMatch(/VI_1 +\w+ \(observed\)/)
        await stopGracefully(again.agent)
        expect([VIP, KEPT, STATIC].map(address => host.holds(address))).toEqual([false, true, true])
        expect(await devices()).not.toContain('vrrp')
        await stopGracefully(keepalived)
      })
    },
    40_000,
  )
})
