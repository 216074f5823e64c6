/** What is used of raw-socket 1.8, which declares no types. */
declare module 'raw-socket' {
  import type {EventEmitter} from 'node:events'

  /** The native socket: 'recvReady' means readable. */
  export interface SocketWrap extends EventEmitter {
    /** getsockopt(2); answers the length. */
    getOption(level: number, option: number, value: Buffer, length: number): number
  }

  export interface Socket extends EventEmitter {
    readonly wrap: SocketWrap
    close(): this
  }

  export interface SocketOptions {
    readonly protocol: number
    /** 1 is IPv4, 2 is IPv6. */
    readonly addressFamily: 1 | 2
    readonly bufferSize: number
  }

  export function createSocket(options: SocketOptions): Socket
}
