import type {VirtualServerConfig} from '../lvs-config.ts'
import type {Lint} from './lint.ts'
import {heldAddresses, serviceAddresses} from './service-addresses.ts'

/** Lints of virtual servers and the real servers behind them. */
export const SERVER_LINTS: readonly Lint[] = [
  {
    name: 'service-without-address',
    check: (config, remark) => {
      const {isVirtual, isNear, any} = heldAddresses(config)
      if (!any) return
      const services = serviceAddresses(config)
      const onVirtual = services.filter(({address}) => isVirtual(address))
      // Where most services are on no virtual address, they come another way, such as by a route.
      const most = onVirtual.length > 0 && onVirtual.length * 2 >= services.length
      const told = new Set<string>()
      for (const {what, address, position, brought} of services) {
        if (isVirtual(address) || brought || told.has(address) || !(most || isNear(address))) continue
        told.add(address)
        const message = `${what}: ${address} is no virtual address, so nothing here brings it to the master`
        remark(position, message, 'list it in the virtual_ipaddress of a vrrp_instance')
      }
    },
  },
  {
    name: 'service-not-accepted',
    check: ({instances, virtualServers}, remark) => {
      const shut = new Map<string, string>()
      for (const {name, accept, at, vips, excludedVips} of instances) {
        if (accept || at.accept === undefined) continue
        for (const {address} of [...vips, ...excludedVips]) shut.set(address, name)
      }
      if (shut.size === 0) return
      for (const {name, service, position} of virtualServers) {
        const holder = service.type === 'address' ? shut.get(service.address) : undefined
        if (holder === undefined) continue
        const message = `virtual_server ${name}: ${holder} has no_accept, which drops what is sent to its addresses`
        remark(position, message, `remove no_accept from ${holder}`)
      }
    },
  },
  {
    name: 'weights-all-zero',
    check: ({virtualServers}, remark) => {
      for (const server of virtualServers) {
        const {name, position, realServers} = server
        if (realServers.some(({weight}) => weight > 0) || changesWeights(server)) continue
        remark(position, `virtual_server ${name}: every weight is 0, so it takes no connection`, 'weight 1')
      }
    },
  },
  {
    name: 'weight-huge',
    check: ({virtualServers}, remark) => {
      for (const {name, realServers} of virtualServers) {
        const [first, ...others] = realServers.filter(({weight}) => weight > MAX_DOCUMENTED_WEIGHT)
        if (!first) continue
        const more = others.length > 0 ? ` (and ${others.length} more)` : ''
        const message =
          `virtual_server ${name}: the weight ${first.weight} of real_server ${first.name}${more} ` +
          `is more than the ${MAX_DOCUMENTED_WEIGHT} that keepalived.conf(5) and ipvsadm(8) permit`
        remark(first.at.weight ?? first.position, message, `a weight from 0 to ${MAX_DOCUMENTED_WEIGHT}`)
      }
    },
  },
  {
    name: 'weights-unused',
    check: ({virtualServers}, remark) => {
      for (const server of virtualServers) {
        const {name, scheduling, realServers, at, position} = server
        const better = WEIGHTED.get(scheduling.scheduler)
        const weights = new Set(realServers.map(({weight}) => weight).filter(weight => weight > 0))
        if (better === undefined || weights.size < 2) continue
        const message = `virtual_server ${name}: ${scheduling.scheduler} takes no account of weights, and they differ`
        remark(at.scheduling ?? position, message, `lvs_sched ${better}`)
      }
    },
  },
  {
    name: 'quorum-not-regained',
    check: ({virtualServers}, remark) => {
      for (const server of virtualServers) {
        const {name, quorum, hysteresis, realServers, at, position} = server
        const total = realServers.reduce((sum, {weight}) => sum + weight, 0)
        if (hysteresis === 0 || quorum + hysteresis <= total || changesWeights(server)) continue
        const message =
          `virtual_server ${name}: once lost, quorum takes a weight of ${quorum + hysteresis} to come back, and all ` +
          `real servers together have ${total}`
        remark(
          at.hysteresis ?? at.quorum ?? position,
          message,
          `a hysteresis of at most ${Math.max(0, total - quorum)}`,
        )
      }
    },
  },
  {
    name: 'sorry-server-is-real',
    check: ({virtualServers}, remark) => {
      for (const {name, sorryServer, realServers, at, position} of virtualServers) {
        if (!sorryServer) continue
        const {address, port} = sorryServer
        if (!realServers.some(real => real.address === address && real.port === port)) continue
        const what = `the sorry server ${address} is one of its real servers`
        const message = `virtual_server ${name}: ${what}: it is needed when those have failed, and may be among them`
        remark(at.sorryServer ?? position, message, 'name a server that does nothing else, or none')
      }
    },
  },
]

const MAX_DOCUMENTED_WEIGHT = 65_535

/** What looks at weights where these do not. ipvsadm(8) */
const WEIGHTED: ReadonlyMap<string, string> = new Map([
  ['rr', 'wrr'],
  ['lc', 'wlc'],
])

/** True where a checker sets weights while it runs. */
const changesWeights = ({realServers}: VirtualServerConfig): boolean =>
  realServers.some(({checkers}) =>
    checkers.some(checker => checker.type === 'file' || (checker.type === 'misc' && checker.dynamic)),
  )
