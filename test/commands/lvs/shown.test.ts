import {expect, test} from 'vitest'
import type {LvsHandlers} from '../../../src/control/routes.ts'
import {fakeCounters, fakeReal, fakeService} from '../../fake-lvs.ts'
import {startHactl} from '../run-hactl.ts'
import {lvsAgent, runLvs} from './run-lvs.ts'

const SERVICE = '192.0.2.1:80/tcp'

const seen = <Value>(value: Value) => ({observedAt: '2026-01-31T08:05:09.123Z', value})

test.each<[string, string]>([
  [
    'list',
    `SERVICE               METHOD                     WEIGHT  ACTIVE  INACTIVE  STATE
192.0.2.1:80/tcp      wrr                                    17        80  -
  10.0.0.1:80         dr                              3      12        40  -
  10.0.0.2:80         dr                              0       5        40  drained (kernel update)
[2001:db8::1]:53/udp  rr (ops)                                0         0  changed by others: scheduler rr in place of wrr
  [2001:db8::a]:53    nat                             3       0         0  missing
fwm/5                 sh (sh-fallback, sh-port)              12        40  foreign
  10.0.0.9:0          tun                             3      12        40  foreign
`,
  ],
  [
    `list ${SERVICE} --stats`,
    `SERVICE           CONNS  PKTS IN  PKTS OUT  BYTES IN  BYTES OUT
192.0.2.1:80/tcp  24.7K     679K         0      988M          0
  10.0.0.1:80     12.3K     679K         0      988M          0
  10.0.0.2:80     12.3K     679K         0      988M          0
`,
  ],
  [
    `list ${SERVICE} --stats --exact`,
    `SERVICE           CONNS  PKTS IN  PKTS OUT   BYTES IN  BYTES OUT
192.0.2.1:80/tcp  24690   678901         0  987654321          0
  10.0.0.1:80     12345   678901         0  987654321          0
  10.0.0.2:80     12345   678901         0  987654321          0
`,
  ],
  [
    `list ${SERVICE} --rate`,
    `SERVICE           CONNS/S  PKTS/S IN  PKTS/S OUT  BYTES/S IN  BYTES/S OUT
192.0.2.1:80/tcp       12        340           0       56.8K            0
  10.0.0.1:80          12        340           0       56.8K            0
  10.0.0.2:80          12        340           0       56.8K            0
`,
  ],
  [
    'list fwm/5 --thresholds',
    `SERVICE       WEIGHT  ACTIVE  INACTIVE  UPPER  LOWER  STATE
fwm/5                     12        40                foreign
  10.0.0.9:0       3      12        40   1000    500  foreign
`,
  ],
  [
    `list ${SERVICE} --persistent`,
    `SERVICE           WEIGHT  ACTIVE  INACTIVE  CLIENTS  PERSISTENCE
192.0.2.1:80/tcp              17        80        4  300 s /24
  10.0.0.1:80          3      12        40        2
  10.0.0.2:80          0       5        40        2
`,
  ],
  [
    'list fwm/5 --columns tunnel,origin,configured',
    `SERVICE       TUNNEL                ORIGIN   CONFIGURED
fwm/5                               foreign  -
  10.0.0.9:0  gue, port 6080, csum  foreign
`,
  ],
  [
    `list ${SERVICE} --columns active --sort active`,
    `SERVICE           ACTIVE
192.0.2.1:80/tcp      17
  10.0.0.1:80         12
  10.0.0.2:80          5
`,
  ],
  [
    'connections',
    `CLIENT               PROTO  SERVICE           REAL SERVER       STATE        EXPIRES
198.51.100.7:40112   TCP    192.0.2.1:80      10.0.0.1:80       ESTABLISHED    899 s
[2001:db8::7]:40112  UDP    [2001:db8::1]:80  [2001:db8::a]:80  ESTABLISHED    899 s
`,
  ],
  [
    'connections --count',
    `SERVICE       PROTO  REAL SERVER  CONNECTIONS  STATES
192.0.2.1:80  TCP    10.0.0.1:80           52  FIN_WAIT 40, ESTABLISHED 12
`,
  ],
  [
    `stats ${SERVICE}`,
    `SERVICE           CONNS  PKTS IN  PKTS OUT   BYTES IN  BYTES OUT
192.0.2.1:80/tcp  24690   678901         0  987654321          0
  10.0.0.1:80     12345   678901         0  987654321          0
  10.0.0.2:80     12345   678901         0  987654321          0
`,
  ],
  [
    'timeout',
    `tcp     900 s
tcpfin  120 s
udp     300 s
IPVS    version 1.2.1, a table of 4096 for connections
`,
  ],
  [
    'sync status',
    `ROLE    INTERFACE  ID  MAX LENGTH  GROUP       PORT  TTL  ORIGIN
master  eth0       7   1460        224.0.0.81  8848  1    configuration
`,
  ],
])('%s', async (line, stdout) => {
  const {code, stderr, ...rest} = await runLvs(line.split(' '))
  expect({code, stderr, stdout: rest.stdout}).toEqual({code: 0, stderr: '', stdout})
})

const nothing: Partial<LvsHandlers> = {
  lvsServices: () => seen([]),
  lvsConnections: () => seen([]),
  lvsConnectionCounts: () => seen([]),
  lvsSync: () => seen([]),
}
test.each([
  ['list', 'no services\n'],
  ['list --stats', 'no services\n'],
  ['connections', 'no connections\n'],
  ['connections --count', 'no connections\n'],
  ['stats', 'no services\n'],
  ['sync status', 'no sync daemon runs\n'],
  ['save', ''],
])('%s where there is nothing', async (line, stdout) => {
  expect(await runLvs(line.split(' '), nothing)).toMatchObject({code: 0, stdout, stderr: ''})
})

test('show: everything about a service', async () => {
  const {code, stdout} = await runLvs(['show', 'group web'])
  expect(code).toBe(0)
  expect(stdout).toBe(`service       192.0.2.1:80/tcp
configured    group web
origin        the configuration
scheduler     wrr
persistence   300 s, clients of one /24
real servers  2
connections   24690, 12/s
packets in    678901, 340/s
packets out   0, 0/s
bytes in      987654321, 56789/s
bytes out     0, 0/s

SERVICE           METHOD  WEIGHT  ACTIVE  INACTIVE  STATE
192.0.2.1:80/tcp  wrr                 17        80  -
  10.0.0.1:80     dr           3      12        40  -
  10.0.0.2:80     dr           0       5        40  drained (kernel update)
`)
})

test('show: everything about a real server, named without its port', async () => {
  const {code, stdout} = await runLvs(['show', SERVICE, '10.0.0.2'])
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^real server {5}10\.0\.0\.2:80\nservice {9}192\.0\.2\.1:80\/tcp\norigin {10}the configuration\ndrained {9}since .* ago\): kernel update\nwhen that ends {2}weight 3\nmethod {10}dr\nweight {10}0: no new connections\nthresholds {6}none\nnow {13}5 active, 40 inactive connections\n/,
  )
  const tunnel = await runLvs(['show', 'fwm/5', '10.0.0.9:0'])
  expect(tunnel.stdout).toContain('gue, port 6080, csum')
  expect(tunnel.stdout).toContain('no new connections above 1000, again below 500')
})

test('show of a real server or a service that is not there exits 5', async () => {
  const real = await runLvs(['show', SERVICE, '10.9.9.9'])
  expect(real).toMatchObject({code: 5, stdout: ''})
  expect(real.stderr).toBe(`hactl: ${SERVICE} has no real server 10.9.9.9\n  see: hactl lvs list ${SERVICE}\n`)
  expect(await runLvs(['show', '192.0.2.9:80/tcp'])).toMatchObject({code: 5, stdout: ''})
})

test.each([
  ['list', 'LvsService', 'items'],
  ['show fwm/5', 'LvsService', 'items'],
  ['connections', 'LvsConnection', 'items'],
  ['connections --count', 'LvsConnectionCount', 'items'],
  ['stats', 'LvsService', 'items'],
  ['timeout', 'LvsInfo', 'item'],
  ['timeout --tcp 600', 'LvsChange', 'item'],
  ['sync status', 'LvsSyncDaemon', 'items'],
  [`add-service ${SERVICE}`, 'LvsChange', 'item'],
  ['flush -y', 'LvsChange', 'item'],
])('%s --json: the answer of the agent and nothing else', async (line, kind, holds) => {
  const {code, stdout, stderr} = await runLvs([...line.split(' '), '--json'])
  const reply = JSON.parse(stdout)
  expect(reply).toMatchObject({apiVersion: 'v1', kind})
  expect(reply[holds]).toBeDefined()
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
})

test('connections: the filters are asked for, and a full answer is said', async () => {
  const {calls, stderr} = await runLvs([
    ...'connections group_web 10.0.0.1:80 --client 198.51.100.7 --state ESTABLISHED --limit 2'.split(' '),
  ])
  expect(calls).toEqual([
    'lvsConnections {"service":"group_web","real":"10.0.0.1:80","client":"198.51.100.7","state":"ESTABLISHED","limit":2}',
  ])
  expect(stderr).toBe('hactl: only the first 2; see --limit and --count\n')
})

test('stats --rate: what happened between two looks', async () => {
  const look = (connections: number, packetsIn: number) =>
    fakeService({
      counters: fakeCounters({connections, packetsIn, bytesIn: 0}),
      realServers: [fakeReal({counters: fakeCounters({connections, packetsIn, bytesIn: 0})})],
    })
  const looks = [look(100, 1_000), look(100_100, 1_000)]
  const lvsServices = () => seen([looks.shift() ?? look(0, 0)])
  const {code, stdout, calls} = await runLvs(['stats', SERVICE, '--rate', '--json'], {lvsServices})
  expect({code, calls: calls.length}).toEqual({code: 0, calls: 2})
  const {kind, items} = JSON.parse(stdout)
  expect(kind).toBe('LvsInterval')
  expect(items[0]).toMatchObject({
    name: SERVICE,
    counted: {connections: 100_000, packetsIn: 0, bytesIn: 0},
    realServers: [{name: '10.0.0.1:80', counted: {connections: 100_000}}],
  })
  expect(items[0].seconds).toBeGreaterThan(1.9)
})

test('list --watch: once, and again when it has changed; with --json a line each', async () => {
  const states = [fakeService({realServers: []}), fakeService({realServers: []}), fakeService()]
  const lvsServices = () => seen([states.shift() ?? fakeService()])
  const {socketPath} = await lvsAgent({lvsServices})
  const child = startHactl(['lvs', 'list', '--watch', '--json'], {HACTL_SOCKET: socketPath})
  let stdout = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk
  })
  await expect.poll(() => stdout.split('\n').length).toBe(3)
  child.kill('SIGINT')
  const [first = '', second = ''] = stdout.split('\n')
  expect(JSON.parse(first).items[0].realServers).toHaveLength(0)
  expect(JSON.parse(second).items[0].realServers).toHaveLength(2)
  await expect.poll(() => child.exitCode).toBe(130)
})
