import {describe, expect, it} from 'vitest'
import {complaints, instanceText, parse} from '../support.ts'

/** What is found about a virtual router with lines of its own from line 5 on, without what is not supported yet. */
const found = (lines: readonly string[], after: readonly string[] = []): readonly string[] =>
  complaints(parse([instanceText(...lines), ...after].join('\n'))).filter(text => !text.startsWith('HC19'))

const other = (name: string, vrid: number, ...lines: string[]): string =>
  instanceText(...lines)
    .replace('V {', `${name} {`)
    .replace('router_id 7', `router_id ${vrid}`)
    .replace('10.0.0.1', `10.0.0.${vrid}`)

describe('a virtual router is completed', () => {
  it.each([
    ['tracking its own interface', ['track_interface {', 'eth0', '}'], ['HC1311 error 6:1']],
    ['with unicast_src_ip and no peer', ['unicast_src_ip 10.0.0.9'], ['HC1411 error 5:1']],
    ['with a mcast_src_ip of the other family', ['mcast_src_ip fe80::9'], ['HC1413 error 5:1']],
    ['with a source that has a prefix length', ['mcast_src_ip 10.0.0.9/24'], ['HC1428 warning 5:14']],
    ['with vmac_xmit_base and no VMAC', ['vmac_xmit_base'], ['HC1415 error 5:1']],
    ['with timer_expired_backup and preemption', ['timer_expired_backup'], ['HC1417 error 5:1']],
    ['with peers listed twice', ['unicast_peer {', '10.0.0.8', '10.0.0.8', '}'], ['HC1424 error 7:1']],
    [
      'with a peer whose TTLs are crossed',
      ['unicast_peer {', '10.0.0.8 min_ttl 9 max_ttl 3', '}'],
      ['HC1425 error 6:1'],
    ],
    ['with priority 255 and state BACKUP', ['state BACKUP', 'priority 255'], ['HC1409 warning 5:1']],
    [
      'with AH and state MASTER',
      ['state MASTER', 'priority 150', 'authentication {', 'auth_type AH', 'auth_pass secret', '}'],
      ['HC1436 warning 5:1'],
    ],
    [
      'with IPv6 and version 2',
      ['version 2', 'native_ipv6'],
      ['HC1505 error 4:2', 'HC1504 error 4:22', 'HC1419 error 5:1'],
    ],
    ['with unicast_ttl and no peer', ['unicast_ttl 5'], ['HC1412 error 5:1']],
    ['with an ipvlan that has no address', ['use_ipvlan'], ['HC1416 error 5:1']],
    ['with an owner that reads advertisements', ['priority 255', 'owner_ignore_adverts off'], ['HC1426 error 6:1']],
    ['in strict mode with unicast', ['strict_mode on', 'unicast_peer {', '10.0.0.8', '}'], ['HC1414 error 6:1']],
  ])('%s', (_what, lines, expected) => {
    expect(found(lines)).toEqual(expected)
  })

  it.each([
    [
      'a member that is not there',
      ['vrrp_sync_group G {', 'group {', 'V', 'W', 'X', '}', '}', other('W', 8)],
      ['HC1420 error 10:1'],
    ],
    ['one member', ['vrrp_sync_group G {', 'group {', 'V', '}', '}'], ['HC1421 error 7:1']],
    ['no member', ['vrrp_sync_group G {', '}'], ['HC1422 error 6:1']],
    [
      'a member twice',
      ['vrrp_sync_group G {', 'group {', 'V', 'W', 'V', '}', '}', other('W', 8)],
      ['HC1423 error 10:1'],
    ],
  ])('and so is its group with %s', (_what, after, expected) => {
    expect(found([], after)).toEqual(expected)
  })

  it('with the name of a VMAC that another has', () => {
    expect(found(['use_vmac vr'], [other('W', 8, 'use_vmac vr')])).toEqual(['HC1427 error 11:1'])
  })

  it('without its weighted scripts in a group that does not track weights', () => {
    const script = 'vrrp_script s {\nscript /bin/true\nuser root\n}'
    const group = 'vrrp_sync_group G {\ngroup {\nV\nW\n}\n}'
    const text = [script, instanceText('track_script {', 's weight 5', '}'), other('W', 8), group].join('\n')
    expect(complaints(parse(text)).filter(line => !line.startsWith('HC19'))).toEqual(['HC1310 error 10:1'])
  })
})

describe('what is read once', () => {
  it('is the first script of a name', () => {
    const script = (path: string): string => `vrrp_script s {\nscript ${path}\nuser root\n}\n`
    const {config, diagnostics} = parse(`${script('/bin/true')}${script('/bin/false')}`)
    expect(diagnostics.map(({code, position}) => `${code} ${position.line}`)).toContain('HC1309 5')
    expect(config.scripts.map(({command}) => command.argv[0])).toEqual(['/bin/true'])
  })

  it('is a million lines', () => {
    const {diagnostics} = parse('\n'.repeat(1_000_010))
    expect(diagnostics.map(({code, position}) => `${code} ${position.line}`)).toEqual(['HC1009 1000001'])
  })
})
