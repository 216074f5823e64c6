import {describe, expect, it} from 'vitest'
import {routersOf} from '../../src/config/router-config.ts'
import {complaints, instanceText, onlyInstance, parse} from './support.ts'

describe('a virtual router that says little', () => {
  it('gets the defaults', () => {
    const loaded = parse(instanceText())
    expect(loaded.diagnostics).toEqual([])
    expect(onlyInstance(loaded.config)).toEqual({
      name: 'V',
      position: {file: 'a.conf', line: 1, column: 1},
      interface: 'eth0',
      vrid: 7,
      version: 2,
      initialState: 'backup',
      priority: 100,
      advertIntervalMs: 1_000,
      authentication: undefined,
      preempt: true,
      preemptDelayMs: 0,
      checksumWithoutPseudoHeader: false,
      garp: {
        delayMs: 5_000,
        repeat: 5,
        refreshMs: 0,
        refreshRepeat: 1,
        lowerPriorityDelayMs: 5_000,
        lowerPriorityRepeat: 5,
        intervalMs: 0,
        neighbourIntervalMs: 0,
        extra: {all: false, seconds: 0},
      },
      vips: [{position: {file: 'a.conf', line: 4, column: 22}, address: '10.0.0.1', prefixLength: 24}],
      notify: {},
      family: 4,
      ownDevice: undefined,
      transmitBase: false,
      addressDevices: [],
      source: undefined,
      vrf: undefined,
      downTimerAdverts: 3,
      transport: {type: 'multicast', group: '224.0.0.18'},
      hmac: undefined,
      lowerPriorityNoAdvert: false,
      higherPrioritySendAdvert: false,
      ownerIgnoreAdverts: false,
      skipCheckAdvertAddresses: false,
      timerExpiredBackup: undefined,
      excludedVips: [],
      routes: [],
      rules: [],
      promoteSecondaries: false,
      accept: true,
      strict: false,
      trackPrimary: true,
      tracks: [],
      group: undefined,
      receiveBufferBytes: undefined,
      notifyPriorityChanges: false,
      smtpAlert: false,
    })
  })
})

describe('settings of a virtual router', () => {
  it.each([
    [['state MASTER'], {initialState: 'master', priority: 255}, ['HC1409 warning 5:1']],
    [['state MASTER', 'priority 101'], {initialState: 'master', priority: 101}, []],
    [['priority 255'], {initialState: 'master', priority: 255}, []],
    [['state BACKUP', 'priority 255'], {initialState: 'backup', priority: 255}, ['HC1409 warning 5:1']],
    [['state SLAVE'], {initialState: 'backup'}, ['HC1205 error 5:7']],
    [['priority 9', 'state MASTER', 'state BACKUP'], {initialState: 'master'}, ['HC1410 error 7:1']],
    [['priority 0'], {priority: 100}, ['HC1204 error 5:10']],
    [['priority 256'], {priority: 100}, ['HC1204 error 5:10']],
    [['priority high'], {priority: 100}, ['HC1204 error 5:10']],
    [['priority'], {priority: 100}, ['HC1203 error 5:1']],
    [['priority 0100'], {priority: 100}, []],
    [['priority 50', 'priority 60'], {priority: 60}, ['HC1207 warning 6:1']],
    [['advert_int 0.3'], {advertIntervalMs: 1_000}, ['HC1404 error 5:1']],
    [['advert_int 1.5'], {advertIntervalMs: 2_000}, ['HC1404 error 5:1']],
    [['advert_int 300'], {advertIntervalMs: 1_000}, ['HC1204 error 5:12']],
    [['advert_int 1s'], {advertIntervalMs: 1_000}, ['HC1204 error 5:12']],
    [['version 3', 'advert_int 0.25'], {version: 3, advertIntervalMs: 250}, []],
    [['version 3', 'advert_int 0.255'], {advertIntervalMs: 260}, ['HC1404 error 6:1']],
    [['version 3', 'advert_int 50'], {advertIntervalMs: 40_950}, ['HC1404 error 6:1']],
    [['version 3', 'version 2'], {version: 3}, ['HC1208 error 6:1']],
    [['version 4'], {version: 2}, ['HC1204 error 5:9']],
    [['nopreempt'], {preempt: false}, []],
    [['nopreempt', 'preempt'], {preempt: true}, ['HC1207 warning 6:1']],
    [['nopreempt', 'state MASTER', 'priority 9'], {preempt: true}, ['HC1405 error 5:1']],
    [['nopreempt', 'priority 255', 'state BACKUP'], {preempt: true}, ['HC1405 error 5:1', 'HC1409 warning 7:1']],
    [['nopreempt 1'], {preempt: false}, ['HC1206 warning 5:11']],
    [['preempt_delay 2.5'], {preemptDelayMs: 2_500}, []],
    [['preempt_delay 5', 'nopreempt'], {preemptDelayMs: 0}, ['HC1405 error 5:1']],
    [['preempt_delay 5', 'state MASTER', 'priority 9'], {preemptDelayMs: 0}, ['HC1405 error 5:1']],
    [['preempt_delay 1001'], {preemptDelayMs: 0}, ['HC1204 error 5:15']],
    [['v3_checksum_as_v2 on'], {checksumWithoutPseudoHeader: true}, []],
    [['v3_checksum_as_v2 maybe'], {checksumWithoutPseudoHeader: false}, ['HC1204 error 5:19']],
  ])('%j', (given, expected, found) => {
    const loaded = parse(instanceText(...given))
    expect(complaints(loaded)).toEqual(found)
    expect(onlyInstance(loaded.config)).toMatchObject(expected)
  })

  it('of gratuitous ARP come from global_defs unless given, those for a lower priority always', () => {
    const global = 'global_defs {\nvrrp_garp_master_delay 7\nvrrp_garp_master_repeat 3\nvrrp_garp_interval 0.001\n}\n'
    const {config} = parse(global + instanceText('garp_master_delay 2', 'garp_master_refresh 60'))
    expect(onlyInstance(config).garp).toEqual({
      delayMs: 2_000,
      repeat: 3,
      refreshMs: 60_000,
      refreshRepeat: 1,
      lowerPriorityDelayMs: 7_000,
      lowerPriorityRepeat: 3,
      intervalMs: 1,
      neighbourIntervalMs: 0,
      extra: {all: false, seconds: 0},
    })
  })

  it('may stand before the global_defs that they come from', () => {
    const {config} = parse(`${instanceText()}\nglobal_defs {\nvrrp_version 3\nv3_checksum_as_v2\n}`)
    expect(onlyInstance(config)).toMatchObject({version: 3, checksumWithoutPseudoHeader: true})
  })

  it('name programs with arguments and users', () => {
    const {config} = parse(
      instanceText(
        'notify_master "/bin/a b \'c d\'" root wheel',
        'notify /bin/n',
        'notify_stop "/bin/s"',
        'notify /bin/m',
      ),
    )
    expect(onlyInstance(config).notify).toEqual({
      master: {argv: ['/bin/a', 'b', 'c d'], runAs: {user: 'root', group: 'wheel'}},
      any: {argv: ['/bin/n']},
      stop: {argv: ['/bin/s']},
    })
  })
})

describe('authentication', () => {
  const SECRET = 'S3cr3tW0rd'
  it.each([
    [[`auth_type PASS`, `auth_pass abc`], {type: 'pass', password: 'abc'}, []],
    [['auth_type PASS', `auth_pass ${SECRET}`], {type: 'pass', password: 'S3cr3tW0'}, ['HC1408 error 7:1']],
    [[`auth_pass ${SECRET}`], undefined, ['HC1407 warning 6:1']],
    [['auth_type PASS'], undefined, ['HC1406 error 6:1']],
    [['auth_type MD5', `auth_pass ${SECRET}`], undefined, ['HC1204 error 6:11', 'HC1407 warning 7:1']],
    [['auth_type PASS', `auth_passwd ${SECRET}`], undefined, ['HC1406 error 6:1', 'HC1201 error 7:1']],
    [['auth_type PASS', `auth_pass=${SECRET}`], undefined, ['HC1406 error 6:1', 'HC1201 error 7:1']],
    [['auth_type PASS', 'auth_pass', SECRET], undefined, ['HC1406 error 6:1', 'HC1203 error 7:1', 'HC1201 error 8:1']],
    [[`auth_type PASS auth_pass ${SECRET}`], undefined, ['HC1406 error 6:1', 'HC1206 warning 6:16']],
    [['auth_type PASS', `auth_pass x{${SECRET}}${SECRET}`], {password: 'x'}, ['HC1106 error 7:12']],
    [['auth_type PASS', `auth_pass "${SECRET}`], undefined, ['HC1406 error 6:1', 'HC1102 error 7:11']],
    [['auth_type PASS', `auth_pass x ${SECRET}`], {password: 'x'}, ['HC1206 warning 7:13']],
  ])('%j', (given, expected, found) => {
    const loaded = parse(instanceText('authentication {', ...given, '}'))
    expect(complaints(loaded)).toEqual(found)
    if (expected) expect(onlyInstance(loaded.config).authentication).toMatchObject(expected)
    else expect(onlyInstance(loaded.config).authentication).toBeUndefined()
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('S3cr')
  })

  it('is not for version 3', () => {
    const loaded = parse(instanceText('version 3', 'authentication {', 'auth_type PASS', 'auth_pass x', '}'))
    expect(complaints(loaded)).toEqual(['HC1406 error 6:1'])
    expect(onlyInstance(loaded.config).authentication).toBeUndefined()
  })
})

describe('virtual addresses', () => {
  const vips = (...lines: string[]) =>
    parse(
      ['vrrp_instance V {', 'interface eth0', 'virtual_router_id 7', 'virtual_ipaddress {', ...lines, '}', '}'].join(
        '\n',
      ),
    )

  it.each([
    ['10.0.0.2', {prefixLength: 32}, []],
    [
      '10.0.0.2/24 dev eth1 brd + scope site label eth1:0',
      {device: 'eth1', broadcast: '+', scope: 200, label: 'eth1:0'},
      [],
    ],
    ['10.0.0.2/24 broadcast 10.0.0.255 scope 7', {broadcast: '10.0.0.255', scope: 7}, []],
    ['10.0.0.2/33', {prefixLength: 32}, ['HC1502 error 5:1']],
    ['10.0.0.2/255.255.255.0', {prefixLength: 32}, ['HC1502 error 5:1']],
    ['10.0.0.2/24 scope 300', {prefixLength: 24}, ['HC1502 error 5:19']],
    ['10.0.0.2/24 frob', {prefixLength: 24}, ['HC1502 error 5:13']],
    ['10.0.0.2 brd +', {prefixLength: 32}, ['HC1502 error 5:1']],
    ['10.0.0.0/24', {prefixLength: 24}, ['HC1507 warning 5:1']],
    ['10.0.0.255/24', {prefixLength: 24}, ['HC1507 warning 5:1']],
  ])('%s', (line, expected, found) => {
    const loaded = vips(line)
    expect(complaints(loaded)).toEqual(found)
    expect(onlyInstance(loaded.config).vips).toMatchObject([expected])
  })

  it.each([
    ['10.0.0.331', 'HC1501'],
    ['010.0.0.3', 'HC1501'],
    ['vip.example.com', 'HC1501'],
    ['10.0.0.3,', 'HC1501'],
    ['10.0.0.3 dev', 'HC1502'],
    ['10.0.0.3 dev averyveryverylongname', 'HC1204'],
    ['10.0.0.3 label averyveryverylonglabel', 'HC1502'],
    ['10.0.0.2', 'HC1503'],
    ['2001:db8::1', 'HC1504'],
  ])('%s is left out', (line, code) => {
    const loaded = vips('10.0.0.2', line)
    expect(complaints(loaded).map(text => text.slice(0, 6))).toEqual([code])
    expect(onlyInstance(loaded.config).vips).toMatchObject([{address: '10.0.0.2'}])
  })

  it('may be none in version 2, with a complaint', () => {
    const loaded = vips()
    expect(complaints(loaded)).toEqual(['HC1505 error 4:1'])
    expect(onlyInstance(loaded.config).vips).toEqual([])
  })

  it('are held to 255', () => {
    const loaded = vips(...Array.from({length: 300}, (_, i) => `10.1.${i >> 7}.${(i & 127) + 1}`))
    expect(complaints(loaded)).toEqual(['HC1506 error 260:1'])
    expect(onlyInstance(loaded.config).vips).toHaveLength(255)
    expect(onlyInstance(loaded.config).excludedVips).toHaveLength(45)
  })

  it('are held to what a packet has room for over IPv6', () => {
    const loaded = vips('fe80::1', ...Array.from({length: 99}, (_, i) => `2001:db8::${i + 1}`))
    expect(complaints(loaded)).toEqual(['HC1506 error 94:1'])
    expect(onlyInstance(loaded.config).vips).toHaveLength(89)
    expect(onlyInstance(loaded.config).excludedVips).toHaveLength(11)
  })
})

describe('a virtual router is left out', () => {
  const base = {interface: 'interface eth0', vrid: 'virtual_router_id 7', vips: 'virtual_ipaddress { 10.0.0.1 }'}
  it.each([
    ['without an interface', {...base, interface: ''}, ['HC1402 error 1:1']],
    ['on the loopback', {...base, interface: 'interface lo'}, ['HC1435 warning 1:1', 'HC1204 error 2:11']],
    ['on an alias', {...base, interface: 'interface eth0:1'}, ['HC1435 warning 1:1', 'HC1204 error 2:11']],
    ['without an id', {...base, vrid: ''}, ['HC1401 error 1:1']],
    ['with a bad id', {...base, vrid: 'virtual_router_id 256'}, ['HC1435 warning 1:1', 'HC1204 error 3:19']],
    ['without addresses in version 3', {...base, vips: 'version 3'}, ['HC1505 error 1:1']],
  ])('%s', (_why, lines, found) => {
    const loaded = parse(`vrrp_instance V {\n${lines.interface}\n${lines.vrid}\n${lines.vips}\n}`)
    expect(complaints(loaded)).toEqual(found)
    expect(routersOf(loaded.config)).toEqual([])
  })

  it('that has the name or the id of an earlier one', () => {
    const other = instanceText().replace('10.0.0.1', '10.0.0.9')
    const loaded = parse([instanceText(), other, other.replace('V {', 'W {')].join('\n'))
    expect(complaints(loaded)).toEqual(['HC1210 error 6:1', 'HC1403 error 11:1'])
    expect(loaded.config.instances.map(({name}) => name)).toEqual(['V'])
  })

  it.each([
    ['addresses of IPv6', 'interface eth0', 'virtual_ipaddress { fe80::1 }', {family: 6, version: 3}],
    [
      'unicast peers',
      'interface eth0',
      'virtual_ipaddress { 10.0.0.1 }\nunicast_peer { 10.0.0.9 }',
      {transport: {type: 'unicast', peers: [{address: '10.0.0.9', minTtl: undefined, maxTtl: undefined}]}},
    ],
    [
      'another group',
      'interface eth0',
      'virtual_ipaddress { 10.0.0.1 }\nmcast_dst_ip 224.0.0.19',
      {transport: {type: 'multicast', group: '224.0.0.19'}},
    ],
    [
      'AH',
      'interface eth0',
      'virtual_ipaddress { 10.0.0.1 }\nauthentication {\nauth_type AH\nauth_pass abc\n}',
      {authentication: {type: 'ah', password: 'abc'}},
    ],
  ])('not for %s', (_what, device, rest, expected) => {
    const loaded = parse(`vrrp_instance V {\n${device}\nvirtual_router_id 7\n${rest}\n}`)
    expect(complaints(loaded)).toEqual([])
    expect(onlyInstance(loaded.config)).toMatchObject(expected)
  })

  it('not where the group is the usual one', () => {
    const loaded = parse(`global_defs {\nvrrp_mcast_group4 224.0.0.18\n}\n${instanceText('mcast_dst_ip 224.0.0.18')}`)
    expect(complaints(loaded)).toEqual([])
    expect(loaded.config.instances).toHaveLength(1)
  })
})

describe('scripts', () => {
  const script = (...lines: string[]): string => ['vrrp_script s {', 'script "/bin/c x"', ...lines, '}', ''].join('\n')
  const tracking = instanceText('track_script {', 's', '}')

  it.each([
    [[], {intervalMs: 1_000, timeoutMs: 1_000, weight: {weight: 0, reverse: false}, rise: 1, fall: 1}, []],
    [
      ['interval 2', 'weight -5 reverse'],
      {intervalMs: 2_000, timeoutMs: 2_000, weight: {weight: -5, reverse: true}},
      [],
    ],
    [['interval 0.5', 'timeout 0.25'], {intervalMs: 500, timeoutMs: 250}, []],
    [['interval 0'], {intervalMs: 1_000}, ['HC1205 error 3:10']],
    [['interval 2s'], {intervalMs: 1_000}, ['HC1204 error 3:10']],
    [['weight 300'], {weight: {weight: 253}}, ['HC1205 error 3:8']],
    [['rise 3', 'fall 0'], {rise: 3, fall: 1}, ['HC1205 error 4:6']],
    [['user nobody'], {command: {argv: ['/bin/c', 'x'], runAs: {user: 'nobody'}}}, []],
    [['init_fail'], {}, ['HC1306 warning 3:1']],
    [['script "/bin/d"'], {command: {argv: ['/bin/d']}}, ['HC1207 warning 3:1']],
    [['script "/bin/d | /bin/e"'], {}, ['HC1207 warning 3:1', 'HC1302 warning 3:8']],
  ])('with %j', (lines, expected, found) => {
    const loaded = parse(script(...lines) + tracking)
    expect(complaints(loaded)).toEqual(found)
    expect(loaded.config.scripts).toMatchObject([expected])
  })

  it.each([
    [['s'], [{kind: 'script', name: 's', weight: 5, reverse: false}], []],
    [['s weight -3 reverse'], [{kind: 'script', name: 's', weight: -3, reverse: true}], []],
    [['s weight x'], [{kind: 'script', name: 's', weight: 5, reverse: false}], ['HC1204 error 10:10']],
    [['s frob'], [], ['HC1304 warning 1:1', 'HC1204 error 10:3']],
    [['s', 's weight 9'], [{kind: 'script', name: 's', weight: 5, reverse: false}], ['HC1308 error 11:1']],
    [['t'], [], ['HC1304 warning 1:1', 'HC1303 error 10:1']],
  ])('are tracked by %j', (lines, expected, found) => {
    const loaded = parse(script('weight 5') + instanceText('track_script {', ...lines, '}'))
    expect(complaints(loaded)).toEqual(found)
    expect(onlyInstance(loaded.config).tracks).toEqual(expected)
  })

  it('have to be defined before they are tracked', () => {
    const loaded = parse(`${tracking}\n${script()}`)
    expect(complaints(loaded)).toEqual(['HC1303 error 6:1'])
    expect(onlyInstance(loaded.config).tracks).toEqual([])
  })

  it('do not change the priority of an owner', () => {
    const loaded = parse(script('weight 5') + instanceText('priority 255', 'track_script {', 's', '}'))
    expect(complaints(loaded)).toEqual(['HC1307 error 11:1'])
    expect(onlyInstance(loaded.config).tracks).toEqual([])
  })

  it('are left out without a program, and reported where nobody tracks them', () => {
    expect(complaints(parse('vrrp_script s {\n}'))).toEqual(['HC1301 error 1:1'])
    expect(complaints(parse(script()))).toEqual(['HC1304 warning 1:1'])
    expect(complaints(parse('vrrp_script {\nscript "/bin/x"\n}'))).toEqual(['HC1209 error 1:1'])
  })
})

describe('global_defs', () => {
  it('may stand several times, later values winning', () => {
    const {config, diagnostics} = parse(
      'global_defs {\nrouter_id A\nscript_user u g\n}\nglobal_defs {\nrouter_id B\nenable_script_security\n}',
    )
    expect(diagnostics).toMatchObject([{code: 'HC1207', position: {line: 6}}])
    expect(config.global).toMatchObject({
      routerId: 'B',
      scriptUser: {user: 'u', group: 'g'},
      enableScriptSecurity: true,
    })
  })
})

describe('findings', () => {
  it('are bounded, and say how many are left off', () => {
    const {diagnostics} = parse('frob\n'.repeat(5_000))
    expect(diagnostics).toHaveLength(1_001)
    expect(diagnostics.at(-1)).toMatchObject({code: 'HC1001', severity: 'error', message: 'and 4000 more findings'})
  })

  it('of one kind do not displace errors', () => {
    const text = `${instanceText(...Array.from({length: 2_000}, () => 'nopreempt 1'))}\nfrob`
    expect(parse(text).diagnostics.some(({code}) => code === 'HC1201')).toBe(true)
  })

  it('hold no control characters of the text', () => {
    const found = parse('\u001b]0;x\u0007\u202e 1').diagnostics
    expect(found).toHaveLength(1)
    expect(JSON.stringify(found)).not.toMatch(/\\u001b|\\u0007|\u202e/)
  })
})
