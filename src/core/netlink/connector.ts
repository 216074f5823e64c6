import {type Decoded, decoded, rejected} from '../decoded.ts'
import {encodeMessage, MESSAGE_TYPE, type NetlinkMessage} from './message.ts'

/** NETLINK_CONNECTOR. <linux/netlink.h> */
export const NETLINK_CONNECTOR = 11
/** The multicast group of process events, CN_IDX_PROC. <linux/connector.h> */
export const GROUP_PROCESS_EVENTS = 1

/** What the kernel tells of processes; threads other than a process's first are left out. <linux/cn_proc.h> */
export type ProcessEvent =
  /** The answer to `encodeProcessListen`; 0 or an errno. */
  | {readonly type: 'acknowledged'; readonly error: number}
  | {readonly type: 'forked'; readonly parent: number; readonly child: number}
  /** It runs another program. */
  | {readonly type: 'executed'; readonly pid: number}
  /** It changed the name that the kernel keeps. prctl(2), PR_SET_NAME */
  | {readonly type: 'renamed'; readonly pid: number}
  | {readonly type: 'exited'; readonly pid: number}
  /** Something that nobody here asks for, or a thread's affair. */
  | {readonly type: 'other'}

/** Why a message is no process event. */
export type ConnectorFailure = 'too-short' | 'not-process-event' | 'length-wrong'

/**
 * Asks for process events, or for no more of them. <linux/connector.h>, <linux/cn_proc.h>
 *   byte  bits  struct cn_msg behind the netlink header
 *   0     32    id.idx   CN_IDX_PROC
 *   4     32    id.val   CN_VAL_PROC
 *   8     32    seq
 *   12    32    ack
 *   16    16    length of the data
 *   18    16    flags
 *   20    32    enum proc_cn_mcast_op: 1 listen, 2 ignore
 */
export function encodeProcessListen(listen: boolean): Buffer {
  const body = Buffer.alloc(CONNECTOR_HEADER_BYTES + 4)
  body.writeUInt32LE(GROUP_PROCESS_EVENTS, 0)
  body.writeUInt32LE(CN_VAL_PROC, 4)
  body.writeUInt16LE(4, 16)
  body.writeUInt32LE(listen ? 1 : 2, CONNECTOR_HEADER_BYTES)
  return encodeMessage({type: MESSAGE_TYPE.done, flags: 0, sequence: 0, port: 0, body})
}

/**
 * Reads a message of the process connector. <linux/cn_proc.h>
 *   byte  bits  struct proc_event behind struct cn_msg
 *   0     32    what
 *   4     32    cpu
 *   8     64    timestamp, ns
 *   16    32    none: errno; fork: thread of the parent; others: thread
 *   20    32    fork: parent; others: process
 *   24    32    fork: thread of the child
 *   28    32    fork: child
 */
export function decodeProcessEvent({body}: Pick<NetlinkMessage, 'body'>): Decoded<ProcessEvent, ConnectorFailure> {
  if (body.length < CONNECTOR_HEADER_BYTES) return rejected('too-short')
  if (body.readUInt32LE(0) !== GROUP_PROCESS_EVENTS || body.readUInt32LE(4) !== CN_VAL_PROC) {
    return rejected('not-process-event')
  }
  const event = body.subarray(CONNECTOR_HEADER_BYTES)
  if (body.readUInt16LE(16) > event.length) return rejected('length-wrong')
  if (event.length < DATA_AT + 4) return rejected('too-short')
  const what = event.readUInt32LE(0)
  if (what === WHAT.none) return decoded({type: 'acknowledged', error: event.readUInt32LE(DATA_AT)})
  if (event.length < DATA_AT + (what === WHAT.fork ? 16 : 8)) return rejected('too-short')
  const thread = event.readUInt32LE(DATA_AT)
  const process = event.readUInt32LE(DATA_AT + 4)
  if (what === WHAT.fork) return decoded(forked(event, process))
  const type = TYPES.get(what)
  return decoded(type === undefined || thread !== process ? {type: 'other'} : {type, pid: process})
}

const CN_VAL_PROC = 1
const CONNECTOR_HEADER_BYTES = 20
const DATA_AT = 16
/** PROC_EVENT_*. <linux/cn_proc.h> */
const WHAT = {none: 0, fork: 0x1, exec: 0x2, comm: 0x200, exit: 0x8000_0000} as const
const TYPES: ReadonlyMap<number, 'executed' | 'renamed' | 'exited'> = new Map([
  [WHAT.exec, 'executed'],
  [WHAT.comm, 'renamed'],
  [WHAT.exit, 'exited'],
])

function forked(event: Buffer, parent: number): ProcessEvent {
  const childThread = event.readUInt32LE(DATA_AT + 8)
  const child = event.readUInt32LE(DATA_AT + 12)
  return childThread === child ? {type: 'forked', parent, child} : {type: 'other'}
}
