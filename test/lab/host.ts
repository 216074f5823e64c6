import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import {type Entrance, enter, ipBatch} from './entrance.ts'
import type {Lab} from './lab.ts'
import {type Finished, LabProcess, type RunOptions, runToEnd} from './lab-process.ts'
import {Link} from './link.ts'
import {listensOn, localAddresses} from './proc.ts'
import type {Segment} from './segment.ts'
import {until} from './wait.ts'

export interface Attachment {
  /** Name of the interface inside the host. */
  readonly interface: string
  /** Address with prefix length. */
  readonly address?: string
  /** Hardware address; by default the kernel draws one. */
  readonly mac?: string
}

/** A host of a lab: network, mounts, processes and a name of its own. */
export class Host {
  readonly name: string
  /** A folder that only this host uses; the same path inside and outside. */
  readonly directory: string
  readonly entrance: Entrance
  readonly #lab: Lab

  constructor({name, directory, entrance, lab}: {name: string; directory: string; entrance: Entrance; lab: Lab}) {
    this.name = name
    this.directory = directory
    this.entrance = entrance
    this.#lab = lab
  }

  /** Connects the host to a segment by a pair of virtual Ethernet devices. */
  async attach(segment: Segment, {interface: device, address, mac}: Attachment): Promise<Link> {
    const port = this.#lab.uniqueName('port')
    await this.#lab.ip([
      `link add ${port} type veth peer name ${device} netns ${this.entrance.pid}`,
      `link set ${port} master ${segment.bridge} addrgenmode none`,
      `link set ${port} up`,
    ])
    await ipBatch(this.entrance, [
      ...(mac === undefined ? [] : [`link set ${device} address ${mac}`]),
      ...(address === undefined ? [] : [addAddress(address, device)]),
      `link set ${device} up`,
    ])
    return new Link({lab: this.#lab, bridge: segment.bridge, port, host: this, device})
  }

  /** Runs a command to its end; throws when it fails or takes too long. */
  run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return runToEnd(`${this.name}: ${command.join(' ')}`, this.#argv(command), options)
  }

  /** Starts a command that goes on running. */
  start(command: readonly string[], options: {readonly input?: string | Buffer} = {}): Promise<LabProcess> {
    return new LabProcess(`${this.name}: ${command[0]}`, this.#argv(command), options).started()
  }

  /** Whether the host has this address now. Reads the kernel's tables; starts no process. */
  holds(address: string): boolean {
    return localAddresses(this.entrance.pid).has(address)
  }

  /** Whether an interface of the host is up and has a carrier now. */
  carrier(device: string): boolean {
    try {
      return this.readFile(`/sys/class/net/${device}/carrier`).trim() === '1'
    } catch {
      // Reading it fails where the interface is set down, or not there.
      return false
    }
  }

  /** Waits until something listens on this TCP port of the host. */
  async listening(port: number, {timeoutMs = 10_000}: {readonly timeoutMs?: number} = {}): Promise<void> {
    await until(`port ${port} of ${this.name}`, () => listensOn(this.entrance.pid, port), {timeoutMs})
  }

  /** A path inside the host as this program can open it. Links in it must not be absolute. */
  outside(path: string): string {
    return `/proc/${this.entrance.pid}/root${path}`
  }

  /** Writes a file inside the host, in /etc/keepalived, /etc/hactl or /run. */
  writeFile(path: string, text: string, {mode = 0o644}: {readonly mode?: number} = {}): void {
    mkdirSync(dirname(this.outside(path)), {recursive: true})
    // Not written in place: a program may be running from the old file.
    rmSync(this.outside(path), {force: true})
    writeFileSync(this.outside(path), text, {mode})
  }

  readFile(path: string): string {
    return readFileSync(this.outside(path), 'utf8')
  }

  hasFile(path: string): boolean {
    return existsSync(this.outside(path))
  }

  removeFile(path: string): void {
    rmSync(this.outside(path), {force: true, recursive: true})
  }

  #argv(command: readonly string[]): readonly string[] {
    return [...enter(this.entrance, ['mount', 'net', 'pid', 'uts']), ...command]
  }
}

const addAddress = (address: string, device: string): string =>
  address.includes(':') ? `addr add ${address} dev ${device} nodad` : `addr add ${address} brd + dev ${device}`
