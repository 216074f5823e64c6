import {connect, type Socket} from 'node:net'
import type {IpAddress} from '../core/ip.ts'
import {errorWords} from '../probe/connect.ts'
import {Prober, type ProbeTransport} from './prober.ts'

/** Milliseconds between two connections. */
const INTERVAL_MS = 5
/** Before the kernel asks a second time, which would be an answer to another question; milliseconds. */
const GIVE_UP_AFTER_MS = 900
/** As many as are begun in that time. */
const MAX_PENDING = 200

/** Begins a TCP connection every 5 ms and drops it, by a reset, as soon as it is there. */
export const openTcpProbes = (address: IpAddress, port: number): Prober =>
  new Prober(INTERVAL_MS, prober => connections(prober, {address, port}))

interface Pending {
  readonly socket: Socket
  readonly since: number
}

function connections(prober: Prober, {address, port}: {address: IpAddress; port: number}): ProbeTransport {
  const pending = new Set<Pending>()
  const drop = (which: Pending): void => {
    pending.delete(which)
    // A connection closed in order would keep its port for a minute.
    which.socket.resetAndDestroy()
  }
  return {
    look: () => {
      const oldest = performance.now() - GIVE_UP_AFTER_MS
      // In the order of their beginning.
      for (const each of pending) {
        if (each.since > oldest) break
        drop(each)
      }
      prober.looked()
    },
    send: number => {
      if (pending.size >= MAX_PENDING) return 'too many connections are under way'
      const socket = connect({host: address, port})
      const mine: Pending = {socket, since: performance.now()}
      pending.add(mine)
      socket.once('connect', () => {
        prober.answered(number)
        drop(mine)
      })
      socket.once('error', (error: NodeJS.ErrnoException) => {
        pending.delete(mine)
        prober.failed(errorWords(error.code ?? 'EIO'))
      })
      return undefined
    },
    close: () => {
      for (const each of pending) drop(each)
    },
  }
}
