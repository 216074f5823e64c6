import {onOff, whole} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, REFUSED, type Refused, type Schema} from '../schema/schema.ts'
import {readArguments} from '../schema/statement-cursor.ts'
import type {Word} from '../text/lexer.ts'
import {caseless, MAX_UNSIGNED} from './global-arguments.ts'

/** How big the receive buffers of virtual routers are: by MTU, by advertisement, or so many bytes. */
export type ReceiveBufferPolicy = 'MTU' | 'ADVERT' | number

/** Sizes of socket buffers in `global_defs`; 0: what the kernel gives. */
export interface GlobalBufferSettings {
  readonly vrrpNetlinkCommandBytes: number
  readonly vrrpNetlinkCommandForce: boolean
  readonly vrrpNetlinkMonitorBytes: number
  readonly vrrpNetlinkMonitorForce: boolean
  readonly lvsNetlinkCommandBytes: number
  readonly lvsNetlinkCommandForce: boolean
  readonly lvsNetlinkMonitorBytes: number
  readonly lvsNetlinkMonitorForce: boolean
  readonly processMonitorBytes: number
  readonly processMonitorForce: boolean
  readonly receiveBufferPolicy: ReceiveBufferPolicy | undefined
  readonly receiveBufferMultiplier: number
}

const BYTES: Argument<number> = {...whole({min: 0, max: MAX_UNSIGNED}), form: `0..${MAX_UNSIGNED} bytes`}

const bytes = (name: string, socket: string): Entry<number> =>
  setting(`${name}_rcv_bufs`, BYTES, {
    initial: 0,
    doc: `receive buffer of the ${socket}`,
    defaultText: 'what the kernel gives',
  })

const force = (name: string, socket: string): Entry<boolean> =>
  setting(`${name}_rcv_bufs_force`, onOff, {
    initial: false,
    doc: `whether the receive buffer of the ${socket} may be greater than net.core.rmem_max`,
    defaultText: 'off',
  })

const VRRP_COMMAND = ['vrrp_netlink_cmd', 'netlink socket that changes addresses and routes'] as const
const VRRP_MONITOR = ['vrrp_netlink_monitor', 'netlink socket that hears of changes to interfaces'] as const
const LVS_COMMAND = ['lvs_netlink_cmd', 'netlink socket that virtual servers ask with'] as const
const LVS_MONITOR = ['lvs_netlink_monitor', 'netlink socket that virtual servers hear of changes with'] as const
const PROCESS_MONITOR = ['process_monitor', 'socket that hears of processes'] as const

const POLICY: Argument<readonly ReceiveBufferPolicy[]> = {
  form: `MTU|ADVERT|0..${MAX_UNSIGNED} bytes`,
  read: cursor => {
    const policies: ReceiveBufferPolicy[] = []
    do {
      const given = cursor.require()
      const policy = given === REFUSED ? REFUSED : readPolicy(cursor, given)
      if (policy === REFUSED) return REFUSED
      policies.push(policy)
    } while (cursor.peek())
    return policies
  },
  print: policies => policies.join(' '),
}

function readPolicy(cursor: Cursor, given: Word): ReceiveBufferPolicy | Refused {
  const name = caseless(['MTU', 'ADVERT'], given.text)
  if (name) return name
  const size = Number(given.text)
  if (/^\+?\d{1,10}$/.test(given.text) && size <= MAX_UNSIGNED) return size
  return cursor.fail(given, `${cursor.show(given)} is neither a policy nor a size`, 'MTU, ADVERT, or a number of bytes')
}

/** A size counts more than a policy, and MTU more than ADVERT. */
const POLICY_ENTRY: Entry<ReceiveBufferPolicy | undefined> = {
  keywords: [
    {
      name: 'vrrp_rx_bufs_policy',
      form: POLICY.form,
      doc: 'what the receive buffers of virtual routers are reckoned by',
      defaultText: 'what the kernel gives',
    },
  ],
  initial: undefined,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const given = readArguments(statement, POLICY, context)
    if (given === REFUSED) return REFUSED
    const all = previous === undefined ? given : [previous, ...given]
    const size = all.findLast(policy => typeof policy === 'number')
    const policies = new Set(all.filter(policy => typeof policy === 'string'))
    const complain = (message: string): void =>
      context.findings.report('argument-corrected', statement.position, `vrrp_rx_bufs_policy: ${message}`, POLICY.form)
    if (size !== undefined && policies.size > 0) complain('the policy does not count beside a size')
    else if (policies.size > 1) complain('ADVERT does not count beside MTU')
    return size ?? (policies.has('MTU') ? 'MTU' : 'ADVERT')
  },
  print: policy => (policy === undefined ? [] : [{text: `vrrp_rx_bufs_policy ${policy}`}]),
}

/** The entries of the sizes of socket buffers in `global_defs`. */
export const GLOBAL_BUFFERS: Schema<GlobalBufferSettings> = {
  vrrpNetlinkCommandBytes: bytes(...VRRP_COMMAND),
  vrrpNetlinkCommandForce: force(...VRRP_COMMAND),
  vrrpNetlinkMonitorBytes: bytes(...VRRP_MONITOR),
  vrrpNetlinkMonitorForce: force(...VRRP_MONITOR),
  lvsNetlinkCommandBytes: bytes(...LVS_COMMAND),
  lvsNetlinkCommandForce: force(...LVS_COMMAND),
  lvsNetlinkMonitorBytes: bytes(...LVS_MONITOR),
  lvsNetlinkMonitorForce: force(...LVS_MONITOR),
  processMonitorBytes: bytes(...PROCESS_MONITOR),
  processMonitorForce: force(...PROCESS_MONITOR),
  receiveBufferPolicy: POLICY_ENTRY,
  receiveBufferMultiplier: setting('vrrp_rx_bufs_multiplier', whole({min: 1, max: MAX_UNSIGNED}), {
    initial: 3,
    doc: 'how many packets of each virtual router the receive buffer has room for',
    defaultText: '3',
  }),
}
