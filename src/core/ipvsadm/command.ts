import type {IpvsChange, IpvsTimeouts, ServiceId, SyncDaemon, SyncRole} from '../ipvs/model.ts'

/** What a command line of ipvsadm(8) orders. */
export type IpvsadmCommand =
  | {readonly type: 'help'}
  | {readonly type: 'version'}
  | {readonly type: 'change'; readonly change: IpvsChange}
  | {readonly type: 'flush'}
  | {readonly type: 'zero'; readonly id: ServiceId | undefined}
  | {readonly type: 'set-timeouts'; readonly timeouts: IpvsTimeouts}
  | {readonly type: 'start-daemon'; readonly daemon: SyncDaemon}
  | {readonly type: 'stop-daemon'; readonly role: SyncRole}
  | {readonly type: 'restore'}
  | {readonly type: 'save'; readonly numeric: boolean}
  | {readonly type: 'list'; readonly id: ServiceId | undefined; readonly view: ListView}
  /** `engines`: with what the persistence engine says. */
  | {readonly type: 'list-connections'; readonly numeric: boolean; readonly engines: boolean}
  | {readonly type: 'list-timeouts'}
  | {readonly type: 'list-daemons'}

/** How services are listed. ipvsadm(8) -L */
export interface ListView {
  readonly columns: 'plain' | 'stats' | 'rate' | 'thresholds' | 'persistent' | 'tunnel'
  /** Addresses and ports without names. */
  readonly numeric: boolean
  /** Large numbers are not cut down to K, M, G and T. */
  readonly exact: boolean
  /** As the kernel has them otherwise. */
  readonly sorted: boolean
}

/** What a command line came to. */
export type ParsedCommand =
  | {readonly type: 'command'; readonly command: IpvsadmCommand}
  | CommandFailure
  /** The host has to be looked up, and the line read again. */
  | {readonly type: 'unasked'; readonly host: string}

/** What was wrong, as ipvsadm(8) says it. */
export interface CommandFailure {
  readonly type: 'failed'
  /** Of the process. */
  readonly status: number
  /** For standard error, line feeds and all. */
  readonly text: string
  /** False: of many lines of standard input, those after it are read all the same. */
  readonly fatal: boolean
  /** In our words, with what is permitted. */
  readonly explanation: string
}
