import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {Firewall} from '../../../src/agent/supervisor/firewall.ts'
import {rulesOf, tableName} from '../../../src/agent/supervisor/firewall-rules.ts'
import {ownDevicesOf} from '../../../src/config/own-devices.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routerConfig} from '../../../src/config/router-config.ts'

const SETTINGS = {nftablesTable: undefined, nftablesPriority: -1, nftablesCounters: false}
const VMAC = {type: 'macvlan', index: 7, baseIndex: 3} as const
const IPVLAN = {type: 'ipvlan', index: 8, baseIndex: 3} as const

function routers(lines: string, vips: string): readonly RouterConfig[] {
  const text = `vrrp_instance A {
    interface eth0
    virtual_router_id 51
    version 3
    ${lines}
    virtual_ipaddress {
      ${vips}
    }
  }`
  const {config} = parseConfig({file: 'x', text})
  const devices = ownDevicesOf(config)
  return config.instances.map(each => routerConfig(each, config.global, undefined, devices.get(each.name)))
}

const facts = (given: readonly RouterConfig[], devices: readonly (typeof VMAC | typeof IPVLAN)[] = []) => ({
  table: 'hactl',
  priority: -1,
  counters: false,
  routers: given,
  devices,
})

describe('the rules', () => {
  test('are none where every address accepts and no MAC address is virtual', () => {
    expect(rulesOf(facts(routers('accept', '192.0.2.77')), true)).toBeUndefined()
    expect(rulesOf(facts([], [IPVLAN]), true)).toBeUndefined()
  })

  test.each([
    ['an IPv4 address', 'no_accept', '192.0.2.77/24', ['ip daddr @vips drop', 'ip saddr @vips drop'], 'ip6 hactl {'],
    [
      'an IPv6 address',
      'no_accept',
      '2001:db8::77/64',
      ['ip6 daddr @vips drop', 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept'],
      'ip hactl {',
    ],
    // A link-local address is another host's on another interface: RFC 4291 section 2.5.6.
    ['a link-local address', 'no_accept', 'fe80::77/64', ['fe80::77 . "eth0"', 'ip6 daddr . iifname'], 'set vips {'],
    ['one on a virtual interface', 'no_accept\n use_vmac', 'fe80::77/64', ['fe80::77 . "vrrp.51"'], 'set vips {'],
  ] as const)('close %s, and nothing else', (_, lines, vip, present, absent) => {
    const text = rulesOf(facts(routers(lines, vip)), true) ?? ''
    for (const each of present) expect(text).toContain(each)
    expect(text.slice(text.indexOf('table ip6 hactl\ndelete') + 1)).not.toContain(`table ${absent}`)
    if (absent.startsWith('set')) expect(text).not.toContain(absent)
  })

  test('let reports of virtual interfaces leave from those below, where the kernel can', () => {
    const text = rulesOf(facts([], [VMAC, IPVLAN]), true) ?? ''
    expect(text).toContain('elements = { 7 : 3 }')
    expect(text).toContain('ip protocol igmp dup to ip daddr device oif map @bases drop')
    expect(text).toContain('icmpv6 type nd-router-solicit oif { 7 } drop')
    const without = rulesOf(facts([], [VMAC]), false) ?? ''
    expect(without).not.toContain('dup')
    expect(without).toContain('nd-router-solicit')
  })

  test.each([
    [undefined, 'hactl'],
    // The name that keepalived has: its table is left alone.
    ['keepalived', 'hactl'],
    ['vrrp_rules', 'vrrp_rules'],
    ['x; flush ruleset', undefined],
    ['1x', undefined],
  ])('go to table %s under the name of %s', (configured, name) => {
    expect(tableName(configured)).toBe(name)
  })
})

describe('the firewall', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hactl-firewall-'))
  })
  afterEach(() => rmSync(directory, {recursive: true, force: true}))

  /** A program in place of nft: its input goes to a file of its own for each run. */
  function program(behaviour: string): string {
    const path = join(directory, 'nft')
    const lines = ['#!/bin/sh', `cd ${directory}`, 'n=$(($(cat count 2>/dev/null || echo 0) + 1))', 'echo $n > count']
    writeFileSync(path, [...lines, 'cat > run.$n', behaviour, ''].join('\n'))
    chmodSync(path, 0o755)
    return path
  }
  const run = (n: number): string => readFileSync(join(directory, `run.${n}`), 'utf8')
  const runs = (): number => (existsSync(join(directory, 'count')) ? Number(readFileSync(join(directory, 'count'))) : 0)

  test('does one change after the other, and of those that wait the last', async () => {
    const problems: string[] = []
    const firewall = new Firewall({onProblem: text => problems.push(text)}, program(''))
    const done = Array.from({length: 20}, (_, i) =>
      firewall.configure(routers('no_accept', `192.0.2.${i + 1}`), SETTINGS),
    )
    await Promise.all(done)
    expect(runs()).toBe(2)
    expect(run(1)).toContain('{ 192.0.2.1 }')
    expect(run(2)).toContain('{ 192.0.2.20 }')
    await firewall.configure(routers('no_accept', '192.0.2.20'), SETTINGS)
    expect(runs()).toBe(2)
    await firewall.close()
    expect(run(3)).toBe('add table ip hactl\ndelete table ip hactl\nadd table ip6 hactl\ndelete table ip6 hactl\n')
    expect(problems).toEqual([])
  })

  test('removes its table under the old name when it has a new one', async () => {
    const firewall = new Firewall({onProblem: () => {}}, program(''))
    await firewall.configure(routers('no_accept', '192.0.2.1'), {...SETTINGS, nftablesTable: 'first'})
    await firewall.configure(routers('no_accept', '192.0.2.1'), {...SETTINGS, nftablesTable: 'second'})
    expect(run(2)).toContain('delete table ip first\n')
    expect(run(2)).toContain('table ip second {')
    await firewall.close()
  })

  test('does without dup where the kernel has none, and says so once', async () => {
    const problems: string[] = []
    const refuses = 'if grep -q dup run.$n; then echo "/dev/stdin:3:1-2: Error: Could not process rule" >&2; exit 1; fi'
    const firewall = new Firewall({onProblem: text => problems.push(text)}, program(refuses))
    await firewall.configure(routers('no_accept', '192.0.2.1'), SETTINGS)
    await firewall.devicesChanged([VMAC])
    expect(run(3)).toContain('daddr @vips drop')
    await firewall.devicesChanged([VMAC, {...VMAC, index: 9}])
    expect(run(5)).toContain('daddr @vips drop')
    expect(problems).toEqual([
      'nftables: reports of group membership leave with virtual MACs: Error: Could not process rule',
    ])
    await firewall.close()
  })

  test('bounds what a failing program says', async () => {
    const problems: string[] = []
    const noisy = 'head -c 1000000 /dev/zero | tr "\\0" x >&2; exit 1'
    const firewall = new Firewall({onProblem: text => problems.push(text)}, program(noisy))
    await firewall.configure(routers('no_accept', '192.0.2.1'), SETTINGS)
    await firewall.configure(routers('no_accept', '192.0.2.2'), SETTINGS)
    expect(problems).toHaveLength(1)
    expect(problems[0]?.length).toBeLessThan(400)
    await firewall.close()
  })
})
