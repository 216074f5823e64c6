import {execFileSync, spawn} from 'node:child_process'
import {readdirSync, readFileSync, readlinkSync} from 'node:fs'
import type {Link} from '../../../src/core/netlink/picture.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import type {AddressSpec} from '../../../src/kernel/addresses.ts'
import type {KernelObject} from '../../../src/kernel/object-changer.ts'

/** An address as the kernel is asked for it. */
export const asObject = (spec: AddressSpec): KernelObject => ({kind: 'address', spec})

/** Runs ip(8) in this child's namespace. */
export const ip = (...args: string[]): string => execFileSync('ip', args, {encoding: 'utf8'})

/** Runs ip(8) with many lines of input in the background and resolves when it ends. */
export function ipBatch(lines: readonly string[]): Promise<number | null> {
  const child = spawn('ip', ['-force', '-batch', '-'], {stdio: ['pipe', 'ignore', 'ignore']})
  child.stdin.end(`${lines.join('\n')}\n`)
  return new Promise(resolve => child.on('close', resolve))
}

/** The number of an interface. */
export const indexOf = (name: string): InterfaceIndex =>
  Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8')) as InterfaceIndex

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Resolves true as soon as `condition` holds, and false when it does not within five seconds. */
export async function eventually(condition: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 5) {
    if (condition()) return true
    await sleep(5)
  }
  return condition()
}

/** The addresses of all interfaces as ip(8) dumps them now, "ha0 192.0.2.1/24", sorted. */
export function dumpedAddresses(): readonly string[] {
  const links = JSON.parse(ip('-j', 'addr')) as readonly {
    readonly ifname: string
    readonly addr_info: readonly {readonly local: string; readonly prefixlen: number}[]
  }[]
  return links
    .flatMap(link => link.addr_info.map(address => `${link.ifname} ${address.local}/${address.prefixlen}`))
    .sort()
}

/** The same of a picture. */
export const picturedAddresses = (network: {
  readonly links: readonly Link[]
  addressesOf(index: number): readonly {readonly address: string; readonly prefixLength: number}[]
}): readonly string[] =>
  network.links
    .flatMap(link =>
      network.addressesOf(link.index).map(address => `${link.name} ${address.address}/${address.prefixLength}`),
    )
    .sort()

/** Starts tcpdump in the peer's namespace and resolves once it listens; `stop` answers what it printed. */
export async function capture(...filter: string[]): Promise<{stop(): Promise<string>}> {
  const args = ['netns', 'exec', process.env.PEER ?? '', 'tcpdump', '-i', 'pe0', '-U', '-l', '-nn', '-e', '-v', '-xx']
  const child = spawn('ip', [...args, ...filter], {stdio: ['ignore', 'pipe', 'pipe']})
  let printed = ''
  child.stdout.on('data', bytes => {
    printed += bytes
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', bytes => {
      said += bytes
      if (said.includes('listening on')) resolve()
    })
    child.once('close', code => reject(new Error(`tcpdump ended with ${code}: ${said}`)))
  })
  const closed = new Promise(resolve => child.on('close', resolve))
  return {
    stop: async () => {
      await sleep(300)
      child.kill('SIGINT')
      await closed
      return printed
    },
  }
}

/** Sockets and timers that are open in this process, and whether a program started from here would inherit each. */
export function descriptors(): readonly {readonly target: string; readonly inherited: boolean}[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      if (!target.startsWith('socket:') && !target.includes('timerfd')) return []
      const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0'
      return [{target, inherited: (Number.parseInt(flags, 8) & 0o2000000) === 0}]
    } catch {
      // The one that listed the directory.
      return []
    }
  })
}

/** Prints what a child found out, and ends it. */
export function report(result: unknown): never {
  process.stdout.write(`${JSON.stringify(result)}\n`)
  process.exit(0)
}
