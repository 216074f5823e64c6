import {closeSync, openSync} from 'node:fs'
import {createServer, type Server, type Socket} from 'node:net'
import {enterNetwork} from '../../../src/kernel/libc.ts'
import type {Host} from '../../lab/host.ts'

/** This program goes on in the network of a host; for good, as the lab does not mind where it is. */
export function enterNetworkOf({entrance}: Host): void {
  const descriptor = openSync(`/proc/${entrance.pid}/ns/net`, 'r')
  const entered = enterNetwork(descriptor)
  closeSync(descriptor)
  if (!entered.ok) throw new Error(`no other network: ${entered.reason}`)
}

/**
 * A web server as a scenario wants it: it answers each path with the status that it was given, or refuses. It listens
 * in the network that this program is in at the time.
 */
export class TalkingServer {
  readonly #address: string
  readonly #port: number
  readonly #status = new Map<string, number>()
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(address: string, port: number) {
    this.#address = address
    this.#port = port
  }

  /** What a path is answered with from now on; 200 unless said. */
  setStatus(path: string, status: number): void {
    this.#status.set(path, status)
  }

  async listen(): Promise<void> {
    const server = createServer({allowHalfOpen: true}, socket => this.#answer(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.#address, resolve)
    })
  }

  /** From now on connections are refused; those that are open end. */
  refuse(): void {
    this.#server?.close()
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
  }

  #answer(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // TCP_CHECK leaves with a reset.
    socket.on('error', () => {})
    socket.once('end', () => socket.end())
    socket.once('data', (request: Buffer) => {
      const [, path = ''] = request.toString('latin1').split(' ')
      const status = this.#status.get(path) ?? 200
      socket.end(`HTTP/1.1 ${status} As told\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`)
    })
  }
}
