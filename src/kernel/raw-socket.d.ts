/** What is used of raw-socket 1.8, which declares no types. */
declare module 'raw-socket' {
  import type {EventEmitter} from 'node:events'

  /** The native socket: 'recvReady' means readable. */
  export interface SocketWrap extends EventEmitter {
    /** A synchronous sendto(2); throws an Error with the text of strerror(3). */
    send(buffer: Buffer, offset: number, length: number, address: string, done: (bytes: number) => void): void
    /** getsockopt(2); answers the length. */
    getOption(level: number, option: number, value: Buffer, length: number): number
  }

  export interface Socket extends EventEmitter {
    readonly wrap: SocketWrap
    close(): this
  }

  export interface SocketOptions {
    readonly protocol: number
    readonly bufferSize: number
  }

  export function createSocket(options: SocketOptions): Socket
}
