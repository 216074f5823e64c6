import {describe} from 'vitest'
import {instanceText} from '../support.ts'
import {itLacks} from './host-support.ts'

const service = (method: string, scheduler = 'wrr'): string =>
  ['virtual_server 10.0.0.1 80 {', ' protocol TCP', ` lb_algo ${scheduler}`, ` lb_kind ${method}`]
    .concat(' real_server 10.0.1.1 80 {', ' }', '}')
    .join('\n')
const key = (value: string): string => instanceText(' auth_hmac {', `  key 1 ${value}`, '  active_key 1', ' }')
const routes = (table: string): string => instanceText(` virtual_routes { 10.5.0.0/24 via 10.0.0.2 table ${table} }`)

describe('what the kernel of a host lacks', () => {
  itLacks('HC1744', 'error', 'environment', [
    ['a namespace', 'net_namespace red', {}, '1:1 net_namespace: this host has no network namespace red'],
    ['it is there', 'net_namespace red', {namespaces: ['red']}],
  ])
  itLacks('HC1745', 'error', 'environment', [
    [
      'IPVS',
      service('DR'),
      {withoutModules: ['ip_vs']},
      '1:1 virtual_server 10.0.0.1 80: this kernel has no IPVS, so no virtual server works',
    ],
    ['it is there', service('DR'), {}],
    ['nothing needs it', instanceText(), {withoutModules: ['ip_vs']}],
  ])
  itLacks('HC1749', 'error', 'environment', [
    [
      'a scheduler',
      service('DR', 'mh'),
      {withoutModules: ['ip_vs_mh']},
      '3:2 virtual_server 10.0.0.1 80: mh: this kernel has no module ip_vs_mh',
    ],
    [
      'interfaces with a MAC address of their own',
      instanceText(' use_vmac'),
      {withoutModules: ['macvlan']},
      '5:2 V: use_vmac: this kernel has no module macvlan',
    ],
    ['another scheduler', service('DR', 'wrr'), {withoutModules: ['ip_vs_mh']}],
  ])
  itLacks('HC1746', 'warning', 'environment', [
    [
      'forwarding',
      service('NAT'),
      {sysctls: {'net/ipv4/ip_forward': '0'}},
      '1:1 virtual_server 10.0.0.1 80: net.ipv4.ip_forward is 0, so answers by NAT do not get back to the clients',
    ],
    ['it forwards', service('NAT'), {sysctls: {'net/ipv4/ip_forward': '1'}}],
    ['nothing comes back this way', service('DR'), {sysctls: {'net/ipv4/ip_forward': '0'}}],
  ])
  itLacks('HC1747', 'error', 'environment', [
    ['a routing table', routes('blue'), {}, '5:19 this host knows no routing table blue'],
    ['its name is known', routes('blue'), {tables: {blue: 7}}],
    ['a number needs no name', routes('7'), {}],
  ])
  itLacks('HC1750', 'info', 'environment', [
    [
      'keepalived runs',
      instanceText(),
      {running: {name: 'keepalived', pid: 7}},
      '1:1 keepalived runs on this host (pid 7); whether it holds virtual addresses is not judged',
    ],
    ['the agent itself runs', instanceText(), {running: {name: 'hactl', pid: 7}}],
  ])
})

describe('names that a host does not know', () => {
  const mail = (server: string): string => `global_defs {\n smtp_server ${server}\n}\n`
  itLacks('HC1748', 'error', 'environment', [
    [
      'that of the mail server',
      mail('mail.here.net'),
      {names: {'mail.here.net': false}},
      '2:2 smtp_server: mail.here.net has no address here, so no mail is sent',
    ],
    ['it has an address', mail('mail.here.net'), {names: {'mail.here.net': true}}],
    ['nobody answers', mail('mail.here.net'), {names: {'mail.here.net': 'unknown'}}],
    ['an address is no name', mail('10.0.0.9'), {names: {'10.0.0.9': false}}],
  ])
})

describe('files that a host lacks', () => {
  itLacks('HC1740', 'error', 'environment', [
    ['that of a key', key('file:/etc/k'), {}, '6:3 V: the file of key 1 is not there'],
    ['a certificate', 'SSL {\n ca /etc/ca.pem\n}', {}, '2:2 SSL ca: the file is not there'],
    ['it is there', 'SSL {\n ca /etc/ca.pem\n}', {files: {'/etc/ca.pem': {}}}],
  ])
  itLacks('HC1741', 'error', 'environment', [
    [
      'the directory of a pipe',
      'global_defs {\n notify_fifo /run/x/f\n}',
      {},
      '2:2 notify_fifo: there is no directory /run/x',
    ],
    ['it is there', 'global_defs {\n notify_fifo /run/x/f\n}', {files: {'/run/x': {kind: 'directory'}}}],
  ])
  itLacks('HC1742', 'error', 'environment', [
    [
      'a file where a pipe is to be',
      'global_defs {\n notify_fifo /run/f\n}',
      {files: {'/run/f': {}}},
      '2:2 notify_fifo: /run/f is there and is no pipe',
    ],
    ['a pipe', 'global_defs {\n notify_fifo /run/f\n}', {files: {'/run/f': {kind: 'fifo'}}}],
    ['nothing yet', 'global_defs {\n notify_fifo /run/f\n}', {}],
  ])
  itLacks('HC1743', 'error', 'security', [
    [
      'others can read the key',
      key('file:/etc/k'),
      {files: {'/etc/k': {mode: 0o644}}},
      '6:3 V: others than its owner can read or change the file of key 1',
    ],
    ['root alone can', key('file:/etc/k'), {files: {'/etc/k': {mode: 0o600}}}],
    ['it is no file', key(`hex:${'01'.repeat(32)}`), {}],
  ])
})
