import {unresolvedNames} from '../build/build-static.ts'
import type {Config, Position} from '../config.ts'
import type {RtKind} from '../tables/rt-names.ts'
import type {HostCheck} from './check.ts'

/** Checks of what the kernel has, and of what already runs. */
export const KERNEL_CHECKS: readonly HostCheck[] = [
  ({netNamespace, ipvsNetNamespace, at, position}, host, lack) => {
    const names = [
      ['net_namespace', netNamespace, at.netNamespace],
      ['net_namespace_ipvs', ipvsNetNamespace, at.ipvsNetNamespace],
    ] as const
    for (const [keyword, name, given] of names) {
      if (!name || host.namespace(name) !== false) continue
      const message = `${keyword}: this host has no network namespace ${name}`
      lack('namespace-absent', given ?? position, message, `ip netns add ${name}`)
    }
  },
  ({virtualServers}, host, lack) => {
    const [first] = virtualServers
    if (!first || host.kernelModule('ip_vs') !== false) return
    const message = `virtual_server ${first.name}: this kernel has no IPVS, so no virtual server works`
    lack('ipvs-absent', first.position, message, 'use a kernel with ip_vs, or install its modules')
  },
  (config, host, lack) => {
    const told = new Set<string>()
    for (const {name, what, position} of neededModules(config)) {
      if (told.has(name) || host.kernelModule(name) !== false) continue
      told.add(name)
      const message = `${what}: this kernel has no module ${name}`
      lack('kernel-module-absent', position, message, `use a kernel with ${name}, or install its modules`)
    }
  },
  ({virtualServers}, host, lack) => {
    for (const [family, sysctl] of FORWARDING) {
      const forwards = virtualServers.find(
        ({realServers, family: own}) => own === family && realServers.some(({method}) => method.type === 'nat'),
      )
      if (!forwards || host.sysctl(sysctl) !== '0') continue
      const name = sysctl.replaceAll('/', '.')
      const message = `virtual_server ${forwards.name}: ${name} is 0, so answers by NAT do not get back to the clients`
      lack('forwarding-off', forwards.position, message, `sysctl -w ${name}=1, and write it to /etc/sysctl.d`)
    }
  },
  (config, host, lack) => {
    const told = new Set<string>()
    for (const {kind, name, position} of unresolvedNames(config)) {
      const key = `${kind} ${name}`
      if (told.has(key) || host.routingNumber(kind, name) !== 'absent') continue
      told.add(key)
      const message = `this host knows no ${KIND_WORDS[kind]} ${name}`
      lack(
        'routing-name-unknown',
        position,
        message,
        `add it to /etc/iproute2/${KIND_FILES[kind]}, or write its number`,
      )
    }
  },
  ({instances, position}, {running}, lack) => {
    if (running?.name !== 'keepalived' || instances.length === 0) return
    const what = `keepalived runs on this host (pid ${running.pid})`
    const message = `${what}; whether it holds virtual addresses is not judged`
    lack('agent-running', position, message, 'stop it before hactl takes its place')
  },
]

interface NeededModule {
  readonly name: string
  readonly what: string
  readonly position: Position
}

/** What the kernel needs besides IPVS itself, and loads when it is asked for. */
function neededModules({virtualServers, instances}: Config): readonly NeededModule[] {
  const found: NeededModule[] = []
  for (const {name, position, at, scheduling} of virtualServers) {
    const what = `virtual_server ${name}: ${scheduling.scheduler}`
    found.push({name: `ip_vs_${scheduling.scheduler}`, what, position: at.scheduling ?? position})
  }
  for (const {name, position, at, vmac, ipvlan} of instances) {
    if (vmac) found.push({name: 'macvlan', what: `${name}: use_vmac`, position: at.vmac ?? position})
    if (ipvlan) found.push({name: 'ipvlan', what: `${name}: use_ipvlan`, position: at.ipvlan ?? position})
  }
  return found
}

/** Packets by NAT go through the host both ways. */
const FORWARDING = [
  [4, 'net/ipv4/ip_forward'],
  [6, 'net/ipv6/conf/all/forwarding'],
] as const

const KIND_WORDS: {readonly [Kind in RtKind]: string} = {
  table: 'routing table',
  scope: 'scope',
  protocol: 'routing protocol',
  dsfield: 'dsfield',
  realm: 'realm',
  group: 'group of interfaces',
}

const KIND_FILES: {readonly [Kind in RtKind]: string} = {
  table: 'rt_tables',
  scope: 'rt_scopes',
  protocol: 'rt_protos',
  dsfield: 'rt_dsfield',
  realm: 'rt_realms',
  group: 'group',
}
