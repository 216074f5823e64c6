import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {configurationHashes} from '../../../src/agent/supervisor/configuration-hash.ts'
import type {Config} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

const configurationHash = (config: Config): string => configurationHashes(config).whole
const sharedHash = (config: Config): string => configurationHashes(config).shared
const parsed = (text: string): Config => parseConfig({file: 'test.conf', text}).config
const EXAMPLES = new URL('../../../../shared/examples/', import.meta.url)

const NODE = `
  global_defs {
    router_id lb1
  }
  vrrp_instance VI_1 { interface eth0
    state MASTER
    virtual_router_id 51
    priority 150
    authentication { auth_type PASS
      auth_pass s3cret
    }
    virtual_ipaddress { 192.0.2.1/24 dev eth0
      192.0.2.2/24
    }
  }
  vrrp_instance VI_2 { interface eth0
    virtual_router_id 52
    priority 100
    virtual_ipaddress { 192.0.2.9/24
    }
  }
  virtual_server 192.0.2.1 80 { lvs_sched rr
    real_server 10.0.0.1 80 { weight 3
      TCP_CHECK { connect_timeout 2
      }
    }
  }`

/** The same with some text in place of other. */
const changed = (from: string | RegExp, to: string): Config => {
  const text = NODE.replace(from, to)
  expect(text).not.toBe(NODE)
  return parsed(text)
}

test.each([
  ['a comment', /^/, '# of lb1\n'],
  ['order of settings', /(virtual_router_id 52)\s+(priority 100)/, '$2\n$1'],
  ['order of settings of a virtual server', /(lvs_sched rr)(\s+real_server[^}]+}\s+})/, '$2\n$1'],
  ['a default that is written down', 'priority 100', 'priority 100\n advert_int 1'],
  ['layout', /\n +/g, '\n'],
  ['a password', 's3cret', 'another'],
] as const)('%s is nothing to either hash', (_, from, to) => {
  expect(configurationHash(changed(from, to))).toBe(configurationHash(parsed(NODE)))
  expect(sharedHash(changed(from, to))).toBe(sharedHash(parsed(NODE)))
})

test.each([
  ['priority', 'priority 150', 'priority 90'],
  ['state', 'state MASTER', 'state BACKUP'],
  ['name of the node', 'router_id lb1', 'router_id lb2'],
  ['interface', /eth0/g, 'ens3'],
  ['name of a virtual router', 'VI_1', 'front'],
  ['order of addresses', /(192.0.2.1\/24 dev eth0)\s+(192.0.2.2\/24)/, '$2\n$1'],
] as const)('another %s is another configuration, and the same cluster', (what, from, to) => {
  expect(sharedHash(changed(from, to)), what).toBe(sharedHash(parsed(NODE)))
  expect(configurationHash(changed(from, to)), what).not.toBe(configurationHash(parsed(NODE)))
})

test.each([
  ['VRID', 'virtual_router_id 52', 'virtual_router_id 53'],
  ['interval', 'priority 100', 'priority 100\nadvert_int 2'],
  ['version', 'priority 100', 'priority 100\nversion 3'],
  ['virtual address', '192.0.2.9/24', '192.0.2.8/24'],
  ['scheduler', 'lvs_sched rr', 'lvs_sched wrr'],
  ['weight', 'weight 3', 'weight 4'],
  ['checker', 'connect_timeout 2', 'connect_timeout 3'],
] as const)('another %s is another cluster', (what, from, to) => {
  expect(sharedHash(changed(from, to)), what).not.toBe(sharedHash(parsed(NODE)))
})

test.each(['dr-pair', 'nginx-pair'])('the nodes of %s have the same hash of what they share', pair => {
  const [one, two] = ['director1.conf', 'director2.conf'].map(file =>
    parsed(readFileSync(new URL(`${pair}/${file}`, EXAMPLES), 'utf8')),
  ) as [Config, Config]
  expect(sharedHash(one)).toBe(sharedHash(two))
  expect(configurationHash(one)).not.toBe(configurationHash(two))
  expect(sharedHash(one)).toMatch(/^[0-9a-f]{12}$/)
})
