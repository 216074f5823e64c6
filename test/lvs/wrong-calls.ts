import type {LvsHandlers} from '../../src/control/routes.ts'

/** A call with one thing wrong, and what its one line has to name: the argument or value, and what is permitted. */
export interface WrongCall {
  readonly call: keyof LvsHandlers
  readonly input: {readonly [name: string]: unknown}
  readonly names: readonly string[]
}

const HTTP = '192.0.2.1:80/tcp'
const SIP = '192.0.2.1:5060/udp'

const service = (name: unknown, ...names: readonly string[]): WrongCall => ({
  call: 'addService',
  input: {service: name},
  names,
})
const setting = (input: object, ...names: readonly string[]): WrongCall => ({
  call: 'addService',
  input: {service: '192.0.2.1:99/tcp', ...input},
  names,
})
const real = (name: unknown, ...names: readonly string[]): WrongCall => ({
  call: 'addReal',
  input: {service: HTTP, real: name},
  names,
})
const realSetting = (input: object, ...names: readonly string[]): WrongCall => ({
  call: 'addReal',
  input: {service: HTTP, real: '10.0.0.9', ...input},
  names,
})

/** Everything that can be wrong with an argument; the table has services 192.0.2.1:80/tcp and 192.0.2.1:5060/udp. */
export const WRONG_CALLS: readonly WrongCall[] = [
  service(undefined, 'service is missing', 'ADDRESS:PORT/PROTOCOL'),
  service('', 'service is missing', 'ADDRESS:PORT/PROTOCOL'),
  service('192.0.2:80/tcp', '192.0.2', 'not an address'),
  service('192.0.2.256:80/tcp', '192.0.2.256', 'not an address'),
  service('host:80/tcp', 'host', 'not an address'),
  service('2001:db8::1:80/tcp', '2001:db8::1:80', '[2001:db8::1]'),
  service('[192.0.2.1]:80/tcp', '192.0.2.1', 'not an address'),
  service('[2001:db8::g]:80/tcp', '2001:db8::g', 'not an address'),
  service('192.0.2.1:65536/tcp', '65536', '1 to 65535'),
  service('192.0.2.1:http/tcp', 'http', '1 to 65535'),
  service('192.0.2.1:-1/tcp', '-1', '1 to 65535'),
  service('192.0.2.1:/tcp', '1 to 65535'),
  service('192.0.2.1:80/icmp', 'icmp', 'tcp, udp or sctp'),
  service('192.0.2.1:80/', 'tcp, udp or sctp'),
  service('fwm/0', '0', '1 to 4294967295'),
  service('fwm/4294967296', '4294967296', '1 to 4294967295'),
  service('fwm/x', 'x', '1 to 4294967295'),
  service('fwm5/1', 'fwm5/1', 'fwm6/5'),
  service('192.0.2.1:0/tcp', 'port 0', 'persist'),
  setting({scheduler: 'no spaces'}, 'scheduler', 'rr wrr'),
  setting({scheduler: 'averylongschedulername'}, 'scheduler', 'rr wrr'),
  setting({scheduler: ''}, 'scheduler', 'rr wrr'),
  setting({scheduler: 'unknown'}, 'scheduler', 'ip_vs_unknown'),
  setting({schedulerFlags: 'sh-port'}, 'schedulerFlags', 'flag-1'),
  setting({scheduler: 'sh', schedulerFlags: 'sh-port,mh-port'}, 'mh-port', 'sh-fallback'),
  setting({netmask: '255.255.255.0'}, 'netmask', 'persistent'),
  setting({engine: 'sip'}, 'engine', 'persistent'),
  setting({persistent: 60, netmask: '255.0.255.0'}, 'netmask', '255.0.255.0', '32'),
  setting({persistent: 60, netmask: '33'}, 'netmask', '33', '32'),
  setting({persistent: 60, engine: 'a b'}, 'engine', 'sip'),
  setting({persistent: -1}, 'persistent', '2678400'),
  setting({persistent: 2_678_401}, 'persistent', '2678400'),
  setting({onePacket: true}, 'onePacket', 'UDP'),
  setting({onePacket: 'perhaps'}, 'onePacket', 'boolean'),
  {call: 'addService', input: {service: SIP, colour: 'red'}, names: ['colour', 'scheduler']},
  {
    call: 'addService',
    input: {service: '[2001:db8::1]:80/tcp', persistent: 9, netmask: '129'},
    names: ['netmask', '128'],
  },
  {call: 'editService', input: {service: HTTP}, names: ['nothing to change', 'scheduler']},
  {call: 'editService', input: {service: HTTP, scheduler: 'a/b'}, names: ['scheduler', 'a/b']},
  real(undefined, 'real is missing', 'ADDRESS:PORT'),
  real('', 'real is missing', 'ADDRESS:PORT'),
  real('10.0.0:80', '10.0.0', 'not an address'),
  real('web1:80', 'web1', 'not an address'),
  real('10.0.0.9:65536', '65536', '0 to 65535'),
  real('10.0.0.9:x', 'x', '0 to 65535'),
  real('2001:db8::9', 'brackets'),
  real('[2001:db8::9]:80', 'IPv4', 'tun'),
  real('224.0.0.1', '224.0.0.1', 'one host'),
  real('10.0.0.9:81', 'cannot change the port', '80'),
  realSetting({method: 'masq'}, 'method', 'masq', 'nat, dr or tun'),
  realSetting({weight: -1}, 'weight', '2147483647'),
  realSetting({weight: 2_147_483_648}, 'weight', '2147483647'),
  realSetting({weight: 1.5}, 'weight', '2147483647'),
  realSetting({weight: 'heavy'}, 'weight', '2147483647'),
  realSetting({upperThreshold: 4_294_967_296}, 'upperThreshold', '4294967295'),
  realSetting({upperThreshold: 5, lowerThreshold: 6}, 'lowerThreshold', '0 to upperThreshold'),
  realSetting({tunnelType: 'gue'}, 'tunnelType', 'tun'),
  realSetting({tunnelPort: 6080}, 'tunnelPort', 'tun'),
  realSetting({method: 'tun', tunnelType: 'vxlan'}, 'tunnelType', 'ipip, gue or gre'),
  realSetting({method: 'tun', tunnelType: 'gue'}, 'tunnelPort is missing', '65535'),
  realSetting({method: 'tun', tunnelType: 'gue', tunnelPort: 0}, 'tunnelPort', '65535'),
  realSetting({method: 'tun', tunnelPort: 6080}, 'tunnelPort', 'gue'),
  realSetting({method: 'tun', tunnelType: 'gre', tunnelChecksum: 'remcsum'}, 'tunnelChecksum', 'nocsum or csum'),
  realSetting({method: 'tun', tunnelType: 'gue', tunnelPort: 1, tunnelChecksum: 'md5'}, 'tunnelChecksum', 'nocsum'),
  {call: 'editReal', input: {service: HTTP, real: '10.0.0.1'}, names: ['nothing to change', 'weight']},
  {call: 'editReal', input: {service: HTTP, real: '10.0.0.1', method: 'x'}, names: ['method', 'nat, dr or tun']},
  {call: 'setLvsTimeouts', input: {}, names: ['missing', 'tcp, tcpFin or udp']},
  {call: 'setLvsTimeouts', input: {tcp: 2_678_401}, names: ['tcp', '2678400']},
  {call: 'startSync', input: {interface: 'eth0'}, names: ['role is missing', 'master or backup']},
  {call: 'startSync', input: {role: 'leader', interface: 'eth0'}, names: ['role', 'leader', 'master or backup']},
  {call: 'startSync', input: {role: 'master'}, names: ['interface is missing']},
  {call: 'startSync', input: {role: 'master', interface: 'a/b'}, names: ['interface', 'a/b', '15']},
  {call: 'startSync', input: {role: 'master', interface: 'eth0', id: 256}, names: ['id', '255']},
  {call: 'startSync', input: {role: 'master', interface: 'eth0', group: '192.0.2.1'}, names: ['group', 'multicast']},
  {call: 'startSync', input: {role: 'master', interface: 'eth0', ttl: 256}, names: ['ttl', '255']},
  {call: 'startSync', input: {role: 'master', interface: 'eth0', maxLength: 65_508}, names: ['maxLength', '65507']},
  {call: 'stopSync', input: {role: 'x'}, names: ['role', 'master or backup']},
]
