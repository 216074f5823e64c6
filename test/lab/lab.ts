import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {type LabMode, labAvailability, rootNamespaces} from './availability.ts'
import {type Entrance, enter, ipBatch} from './entrance.ts'
import {Host} from './host.ts'
import {startHolder} from './lab-process.ts'
import {makeLabDirectory, removeLabDirectory} from './leftovers.ts'
import {Segment} from './segment.ts'

/**
 * A network of its own: hosts, segments and the links between them. Its processes, mounts and interfaces are below
 * one process namespace that the kernel takes down as a whole when the lab is closed or this program ends, however
 * it ends.
 */
export class Lab {
  readonly directory: string
  readonly #root: {readonly pid: number; close: () => Promise<void>}
  readonly #mode: LabMode
  #names = 0

  constructor(directory: string, root: {readonly pid: number; close: () => Promise<void>}, mode: LabMode) {
    this.directory = directory
    this.#root = root
    this.#mode = mode
  }

  /** The namespace in which the bridges are. */
  get entrance(): Entrance {
    return {pid: this.#root.pid, mode: this.#mode}
  }

  /** A new host, connected to nothing but itself. */
  async host(name: string): Promise<Host> {
    const directory = join(this.directory, name)
    mkdirSync(directory)
    const {pid} = await startHolder([
      ...enter(this.entrance, ['mount', 'net', 'pid']),
      ...['unshare', '--mount', '--net', '--pid', '--uts', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-c', HOST_SCRIPT, 'host', name, directory],
    ])
    return new Host({name, directory, entrance: {pid, mode: this.#mode}, lab: this})
  }

  /** A new Ethernet segment: a bridge that is nothing but wire. */
  async segment(): Promise<Segment> {
    const name = this.uniqueName('br')
    await this.ip([
      `link add ${name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
      // The bridge's own interface is where captures listen; it must not talk.
      `link set ${name} addrgenmode none`,
      `link set ${name} up`,
    ])
    return new Segment(this, name)
  }

  /** Runs `ip` commands where the bridges are. */
  async ip(commands: readonly string[]): Promise<void> {
    await ipBatch(this.entrance, commands)
  }

  uniqueName(prefix: string): string {
    this.#names++
    return `${prefix}${this.#names}`
  }

  /** Ends everything in the lab and removes its folder. */
  async close(): Promise<void> {
    await this.#root.close()
    removeLabDirectory(this.directory)
  }
}

/** A lab without hosts; throws where `labAvailability` says no. */
export async function createLab(): Promise<Lab> {
  const available = labAvailability()
  if (!available.ok) throw new Error(available.reason)
  const directory = makeLabDirectory()
  try {
    const root = await startHolder([
      ...rootNamespaces(available.mode),
      'sh',
      '-c',
      `set -e; mount -t sysfs sysfs /sys; ip link set lo up; ${HOLD}`,
    ])
    return new Lab(directory, root, available.mode)
  } catch (error) {
    removeLabDirectory(directory)
    throw error
  }
}

/** Gives `work` a lab and closes it afterwards, whatever happened. */
export async function withLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await createLab()
  try {
    return await work(lab)
  } finally {
    await lab.close()
  }
}

/** Says that all is ready and waits for the end of input; orphans that end meanwhile are reaped by the kernel. */
const HOLD = 'echo ready; exec env --ignore-signal=CHLD cat >/dev/null'

/**
 * What makes a host of fresh namespaces: a name, /etc and /run of its own. /etc holds links to the machine's files
 * but for the folders of the daemons, which are empty, so that each host can have its own configuration.
 */
const HOST_SCRIPT = `set -e
mkdir "$2/etc"
mount --rbind /etc "$2/etc"
mount -t tmpfs lab /etc
ln -s "$2"/etc/* /etc/
rm -f /etc/keepalived /etc/hactl
mkdir /etc/keepalived /etc/hactl
mount -t tmpfs lab /run
mount -t sysfs sysfs /sys 2>/dev/null || true
hostname "$1" 2>/dev/null || true
for each in all default; do
  echo 0 >/proc/sys/net/ipv6/conf/$each/accept_dad || true
  echo 0 >/proc/sys/net/ipv4/conf/$each/rp_filter
done 2>/dev/null
ip link set lo up
${HOLD}`
