import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {packIpvsMetrics} from '../../../src/agent/check/ipvs-metrics.ts'
import {
  agentText,
  checkText,
  ipvsText,
  type ProcessPicture,
  partsText,
  vrrpText,
} from '../../../src/agent/supervisor/metrics-families.ts'
import type {LvsService} from '../../../src/control/lvs-model.ts'
import {METRICS} from '../../../src/core/metrics/catalogue.ts'
import {type CheckMetrics, LATENCY_BOUNDS_SECONDS} from '../../../src/core/metrics/check-metrics.ts'
import {fakeAgent, fakeRouter} from '../../fake-agent.ts'
import {peer} from '../../lab/peers.ts'
import {repoRoot} from '../../lab/repo-root.ts'

/** Everything that a configuration or an attacker could put into a name. */
const HOSTILE = 'a "b"} 1\nhactl_x{c="\\'

const PROCESSES: readonly ProcessPicture[] = [
  {
    name: 'vrrp',
    up: true,
    startedAt: '2026-01-31T08:00:00.500Z',
    restarts: 2,
    lag: {p50: 0.5, p99: 1, max: 12},
    memoryBytes: 4_096,
  },
  {name: 'check', up: false, startedAt: null, restarts: 0, lag: null, memoryBytes: undefined},
]

const COUNTERS = {
  connections: 7,
  packetsIn: 70,
  packetsOut: 60,
  bytesIn: 7_000,
  bytesOut: 6_000,
  connectionRate: 1,
  packetRateIn: 1,
  packetRateOut: 1,
  byteRateIn: 1,
  byteRateOut: 1,
}

function service(name: string, fields: Partial<LvsService> = {}): LvsService {
  return {
    name,
    configured: 'group web',
    origin: 'configuration',
    protocol: 'tcp',
    address: '192.0.2.1',
    port: 80,
    mark: null,
    family: 4,
    scheduler: 'rr',
    schedulerFlags: [],
    onePacket: false,
    persistence: null,
    present: true,
    drift: null,
    counters: COUNTERS,
    realServers: [real('10.0.0.1:80'), {...real('10.0.0.2:80'), present: false}],
    ...fields,
  }
}

const real = (name: string): LvsService['realServers'][number] => ({
  name,
  address: '10.0.0.1',
  port: 80,
  origin: 'configuration',
  method: 'nat',
  weight: 5,
  upperThreshold: 0,
  lowerThreshold: 0,
  tunnel: null,
  activeConnections: 3,
  inactiveConnections: 4,
  persistentConnections: 0,
  present: true,
  drift: null,
  held: null,
  checked: null,
  counters: COUNTERS,
})

const SERVICES = [
  service('192.0.2.1:80/tcp'),
  service('fwm/5', {configured: null, present: false, realServers: []}),
  service('fwm/6', {realServers: [real('10.0.0.6:0')]}),
]

const latency = (counts: readonly number[], sumSeconds: number) => ({
  counts: LATENCY_BOUNDS_SECONDS.map((_, i) => counts[i] ?? 0).concat(0),
  sumSeconds,
})

const CHECKS: CheckMetrics = {
  virtualServers: [
    {
      name: '192.0.2.1 80',
      quorumUp: true,
      quorum: 2,
      weight: 3,
      sorryServerUsed: false,
      realServers: [
        {name: '10.0.0.1:80', up: true, weight: 3},
        {name: '10.0.0.2:80', up: false, weight: 1},
      ],
    },
    {name: HOSTILE, quorumUp: false, quorum: 1, weight: 0, realServers: []},
  ],
  checkers: ['192.0.2.1 80', HOSTILE].map(virtualServer => ({
    virtualServer,
    kind: 'TCP_CHECK',
    checkers: 2,
    down: 1,
    runs: 10,
    failed: 4,
    latency: latency([3, 2], 0.25),
  })),
}

async function everything(): Promise<string> {
  const {value: status} = await fakeAgent().handlers.status({})
  const master = fakeRouter()
  const routers = [
    fakeRouter({splitBrain: [{rival: '10.0.0.9', how: 'advertises'}]}),
    fakeRouter({name: HOSTILE, state: 'backup', counters: {...master.counters, rejected: {'ttl-not-255': 3}}}),
  ]
  return [
    ...agentText(status, PROCESSES),
    ...vrrpText(routers),
    ...checkText(CHECKS),
    ...ipvsText(packIpvsMetrics(SERVICES)),
    ...partsText({checks: true, ipvs: false}),
  ].join('')
}

describe('the metrics', () => {
  it('are those of the catalogue, each of them, by its name and type', async () => {
    const text = await everything()
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    expect(new Set(types)).toEqual(new Set(METRICS.map(({name, type}) => `${name} ${type}`)))
    expect(types).toHaveLength(new Set(types).size)
  })

  it.each([
    'hactl_process_event_loop_lag_seconds{process="vrrp",statistic="max"} 0.012',
    'hactl_process_start_time_seconds{process="vrrp"} 1769846400.5',
    'hactl_process_up{process="check"} 0',
    'hactl_vrrp_state{instance="VI_1",state="master"} 1',
    'hactl_vrrp_state{instance="VI_1",state="backup"} 0',
    'hactl_vrrp_rivals{instance="VI_1"} 1',
    'hactl_vrrp_priority{instance="VI_1"} 110',
    'hactl_vrrp_packets_rejected_total{instance="a \\"b\\"} 1\\nhactl_x{c=\\"\\\\",reason="ttl-not-255"} 3',
    'hactl_virtual_server_quorum_up{virtual_server="192.0.2.1 80"} 1',
    'hactl_virtual_server_real_servers{virtual_server="192.0.2.1 80"} 2',
    'hactl_virtual_server_real_servers_up{virtual_server="192.0.2.1 80"} 1',
    'hactl_virtual_server_sorry_server_used{virtual_server="192.0.2.1 80"} 0',
    'hactl_real_server_up{virtual_server="192.0.2.1 80",real_server="10.0.0.2:80"} 0',
    'hactl_check_failures_total{virtual_server="192.0.2.1 80",kind="TCP_CHECK"} 4',
    'hactl_check_duration_seconds_bucket{kind="TCP_CHECK",le="0.001"} 6',
    'hactl_check_duration_seconds_count{kind="TCP_CHECK"} 10',
    'hactl_check_duration_seconds_sum{kind="TCP_CHECK"} 0.5',
    'hactl_ipvs_service_connections_total{service="192.0.2.1:80/tcp",virtual_server="group web"} 7',
    'hactl_ipvs_service_bytes_total{service="192.0.2.1:80/tcp",virtual_server="group web",direction="out"} 6000',
    'hactl_ipvs_service_present{service="fwm/5",virtual_server=""} 0',
    'hactl_ipvs_real_server_packets_total{service="192.0.2.1:80/tcp",real_server="10.0.0.1:80",direction="in"} 70',
    'hactl_ipvs_real_server_weight{service="fwm/6",real_server="10.0.0.6:0"} 5',
    'hactl_scrape_part_success{part="ipvs"} 0',
  ])('have the line %s', async line => {
    expect((await everything()).split('\n')).toContain(line)
  })

  it('have nothing of what the kernel does not have', async () => {
    expect(await everything()).not.toMatch(/real_server="10.0.0.2:80"[^\n]*\} (3|4|5|7)$/m)
  })

  it('have as many lines with a hostile name as with another', async () => {
    const lines = (await everything()).split('\n')
    const withState = lines.filter(line => line.startsWith('hactl_vrrp_state{'))
    expect(withState).toHaveLength(8)
    expect(lines.filter(line => line !== '' && !/^(#|hactl_[a-z_]+[{ ])/.test(line))).toEqual([])
    expect(lines.filter(line => line.startsWith('hactl_x'))).toEqual([])
  })

  const promtool = peer('promtool')
  it.skipIf(!promtool.ok)('are what Prometheus itself reads without complaint', async () => {
    const {status, stdout, stderr} = spawnSync('promtool', ['check', 'metrics'], {
      input: await everything(),
      encoding: 'utf8',
    })
    expect({status, stdout, stderr}).toEqual({status: 0, stdout: '', stderr: ''})
  })
})

it('docs/metrics.md has every metric with its type, its labels and its meaning, and no other', () => {
  const text = readFileSync(join(repoRoot(), 'docs/metrics.md'), 'utf8')
  // The formatter makes columns of it.
  const rows = text.split('\n').flatMap(line => (line.startsWith('| `') ? [line.replaceAll(/ +/g, ' ')] : []))
  expect(rows).toEqual(
    METRICS.map(({name, type, labels, help}) => {
      return `| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(' ')} | ${help} |`.replaceAll(
        / +/g,
        ' ',
      )
    }),
  )
})
