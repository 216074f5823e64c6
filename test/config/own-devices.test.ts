import {describe, expect, test} from 'vitest'
import {ownDevicesOf} from '../../src/config/own-devices.ts'
import {parseConfig} from '../../src/config/parse.ts'

const block = (name: string, device: string, vrid: number, lines: string, ...vips: string[]): string =>
  `vrrp_instance ${name} {
    interface ${device}
    virtual_router_id ${vrid}
    version 3
    ${lines}
    virtual_ipaddress {
      ${vips.join('\n      ')}
    }
  }`

/** The names of all interfaces, in the order of the text: "A eth0 vrrp.51". */
function namesOf(...blocks: readonly string[]): readonly string[] {
  const {config} = parseConfig({file: 'x', text: blocks.join('\n')})
  return [...ownDevicesOf(config)].flatMap(([router, {own, addressDevices}]) =>
    [own.ownDevice, ...addressDevices].flatMap(device => (device ? `${router} ${device.base} ${device.name}` : [])),
  )
}

// Measured with keepalived 2.2.7, but for the last one.
describe('interfaces of virtual routers are called', () => {
  test.each<[string, readonly string[], readonly string[]]>([
    [
      'by the VRID, then with a number; with a 6 first for IPv6',
      [
        block('A', 'eth0', 51, 'use_vmac', '192.0.2.77/24'),
        block('B', 'eth1', 51, 'use_vmac', '198.51.100.77/24'),
        block('C', 'eth0', 51, 'use_vmac', '2001:db8::77/64'),
      ],
      ['A eth0 vrrp.51', 'B eth1 vrrp1.51', 'C eth0 vrrp6.51'],
    ],
    [
      'without a 6 where IPv6 is first',
      ['eth0', 'eth1', 'eth2'].map((device, i) => block(`R${i}`, device, 53, 'use_vmac', 'fe80::78/64')),
      ['R0 eth0 vrrp.53', 'R1 eth1 vrrp6.53', 'R2 eth2 vrrp1.53'],
    ],
    [
      'as the text says, and what the text says is taken first, once',
      [
        block('A', 'eth0', 51, 'use_vmac', '192.0.2.77/24'),
        block('B', 'eth1', 51, 'use_vmac vrrp.51', '198.51.100.77/24'),
        block('C', 'eth0', 52, 'use_vmac foo', '192.0.2.78/24'),
        block('D', 'eth1', 52, 'use_vmac foo', '198.51.100.78/24'),
      ],
      ['A eth0 vrrp1.51', 'B eth1 vrrp.51', 'C eth0 foo', 'D eth1 vrrp.52'],
    ],
    [
      'in one row with those of their addresses',
      [
        block(
          'A',
          'eth0',
          54,
          'use_vmac\n use_vmac_addr',
          '192.0.2.97/24',
          '198.51.100.78/24 dev eth1',
          '10.0.0.1/8 dev eth2',
        ),
        block('B', 'eth0', 55, '', '192.0.2.107/24', '198.51.100.88/24 dev eth1 use_vmac'),
        block('C', 'eth0', 56, 'use_ipvlan 192.0.2.9', '192.0.2.98/24'),
      ],
      ['A eth0 vrrp.54', 'A eth1 vrrp1.54', 'A eth2 vrrp2.54', 'B eth1 vrrp.55', 'C eth0 vrrp.56'],
    ],
    [
      'the same where they have one MAC address on one interface',
      [
        block('A', 'eth0', 54, 'use_vmac_addr', '192.0.2.97/24', '198.51.100.78/24 dev eth1'),
        block('B', 'eth1', 54, 'use_vmac', '198.51.100.99/24'),
      ],
      ['A eth1 vrrp.54', 'B eth1 vrrp.54'],
    ],
    [
      'as the prefixes of the text say, and never longer than the kernel takes',
      [
        'global_defs {\n vmac_prefix averylongprefix\n vmac_addr_prefix va\n}',
        block('A', 'eth0', 200, 'use_vmac\n use_vmac_addr', '192.0.2.97/24', '198.51.100.78/24 dev eth1'),
        block('B', 'eth1', 200, 'use_vmac x', '203.0.113.9/24'),
      ],
      ['A eth0 averylongpr.200', 'A eth1 x', 'B eth1 x'],
    ],
  ])('%s', (_, blocks, names) => {
    expect(namesOf(...blocks)).toEqual(names)
  })

  test('addresses of the other family go to the interface below, and those of IPv6 elsewhere have its MAC', () => {
    const vips = ['2001:db8:1::52/64 dev eth1', '2001:db8::99/64']
    const text = block('A', 'eth0', 52, 'use_vmac\n use_vmac_addr', '192.0.2.77/24').replace(
      /}$/,
      `virtual_ipaddress_excluded {\n${vips.join('\n')}\n}\n}`,
    )
    const {config} = parseConfig({file: 'x', text})
    const devices = ownDevicesOf(config).get('A')
    const [instance] = config.instances
    expect(devices?.addressDevices).toMatchObject([
      {name: 'vrrp6.52', base: 'eth1', family: 6, mac: '00:00:5e:00:02:34'},
    ])
    expect(instance?.vips.map(vip => devices?.deviceFor(vip))).toEqual([undefined])
    expect(instance?.excludedVips.map(vip => devices?.deviceFor(vip))).toEqual(['vrrp6.52', 'eth0'])
  })
})
