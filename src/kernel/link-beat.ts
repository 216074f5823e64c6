import {AF_INET, addressOfBytes, close, ioctlInPool, SOCK_CLOEXEC, SOCK_DGRAM, socket} from './libc.ts'

/** How an interface is asked: its transceiver's registers, its driver, or its flags alone. */
export type LinkBeatMethod = 'MII' | 'ETHTOOL' | 'IOCTL'

/** What an interface answered, and to which question. */
export interface LinkBeatAnswer {
  readonly up: boolean
  readonly method: LinkBeatMethod
}

/**
 * Asks interfaces again and again whether they are up, for drivers that do not tell by themselves. keepalived.conf(5),
 * linkbeat_interfaces. The asking happens in the thread pool, one question at a time.
 */
export class LinkBeat {
  readonly #onChange: (name: string, up: boolean) => void
  readonly #everyMs: number
  readonly #interfaces = new Map<string, Asked>()
  #timer: NodeJS.Timeout | undefined
  #asking = false

  /** `onChange` is told of the first answer too; it is called from the event loop. */
  constructor(onChange: (name: string, up: boolean) => void, everyMs: number = ASK_EVERY_MS) {
    this.#onChange = onChange
    this.#everyMs = everyMs
  }

  /** Asks these interfaces from now on, and no others; undefined: by the first way that works. */
  configure(interfaces: ReadonlyMap<string, LinkBeatMethod | undefined>): void {
    for (const [name, {wanted}] of this.#interfaces) {
      if (!interfaces.has(name) || interfaces.get(name) !== wanted) this.#interfaces.delete(name)
    }
    for (const [name, wanted] of interfaces) {
      if (!this.#interfaces.has(name)) this.#interfaces.set(name, {wanted, method: undefined, up: undefined})
    }
    clearInterval(this.#timer)
    if (interfaces.size === 0) return
    this.#timer = setInterval(() => void this.#askAll(), this.#everyMs)
    void this.#askAll()
  }

  /** The last answer; undefined for an interface that is not asked, or that has not answered yet. */
  answerOf(name: string): LinkBeatAnswer | undefined {
    const {up, method} = this.#interfaces.get(name) ?? {}
    return up === undefined || method === undefined ? undefined : {up, method}
  }

  /** Ends asking; no callback comes after it. */
  close(): void {
    clearInterval(this.#timer)
    this.#interfaces.clear()
  }

  async #askAll(): Promise<void> {
    // An answer that takes longer than a round is waited for.
    if (this.#asking) return
    this.#asking = true
    try {
      for (const [name, asked] of [...this.#interfaces]) {
        const answer = await askLink(name, asked.method ?? asked.wanted, asked.method !== undefined)
        if (!answer || this.#interfaces.get(name) !== asked) continue
        const before = asked.up
        asked.up = answer.up
        // An interface that is not there may come back with another driver.
        asked.method = answer.method
        if (before !== answer.up) this.#onChange(name, answer.up)
      }
    } finally {
      this.#asking = false
    }
  }
}

interface Asked {
  readonly wanted: LinkBeatMethod | undefined
  /** The way that was found to work. */
  method: LinkBeatMethod | undefined
  up: boolean | undefined
}

/**
 * Asks one interface once. The way that is wanted comes first, then the others; the flags are looked at in any case, as
 * what an administrator took down is down. `settled`: the way is known to work and no other is tried. Answers undefined
 * where nothing can be asked, and never rejects.
 */
export async function askLink(
  name: string,
  wanted: LinkBeatMethod | undefined,
  settled = false,
): Promise<{readonly up: boolean; readonly method: LinkBeatMethod | undefined} | undefined> {
  const opened = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (!opened.ok) return undefined
  try {
    const flags = await flagsOf(opened.value, name)
    if (flags === undefined) return {up: false, method: undefined}
    const ways: readonly LinkBeatMethod[] = settled && wanted ? [wanted] : waysInOrder(wanted)
    for (const method of ways) {
      const beat = await beatOf(opened.value, name, method)
      // A way that worked once and fails now says nothing: the flags alone are left, as in keepalived.
      if (beat !== undefined || settled) return {up: flags && beat !== false, method}
    }
    return {up: flags, method: 'IOCTL'}
  } finally {
    close(opened.value)
  }
}

function waysInOrder(wanted: LinkBeatMethod | undefined): readonly LinkBeatMethod[] {
  const all: readonly LinkBeatMethod[] = ['MII', 'ETHTOOL', 'IOCTL']
  if (wanted === undefined) return all
  return wanted === 'IOCTL' ? ['IOCTL'] : [wanted, ...all.filter(method => method !== wanted)]
}

function beatOf(fd: number, name: string, method: LinkBeatMethod): Promise<boolean | undefined> {
  switch (method) {
    case 'MII':
      return miiBeat(fd, name)
    case 'ETHTOOL':
      return ethtoolBeat(fd, name)
    case 'IOCTL':
      return Promise.resolve(true)
  }
}

/** IFF_UP and IFF_RUNNING; undefined for an interface that is not there. <linux/if.h> */
async function flagsOf(fd: number, name: string): Promise<boolean | undefined> {
  const request = interfaceRequest(name)
  const result = await ioctlInPool(fd, SIOCGIFFLAGS, request)
  if (!result.ok) return undefined
  return (request.readUInt16LE(DATA_AT) & IFF_UP_AND_RUNNING) === IFF_UP_AND_RUNNING
}

/** The link bit of the basic mode status register, which keeps a loss until it is read: read twice. <linux/mii.h> */
async function miiBeat(fd: number, name: string): Promise<boolean | undefined> {
  const request = interfaceRequest(name)
  if (!(await ioctlInPool(fd, SIOCGMIIPHY, request)).ok) return undefined
  for (let reading = 0; reading < 2; reading++) {
    request.writeUInt16LE(MII_BMSR, DATA_AT + 2)
    if (!(await ioctlInPool(fd, SIOCGMIIREG, request)).ok) return undefined
    if ((request.readUInt16LE(DATA_AT + 6) & BMSR_LSTATUS) !== 0) return true
  }
  return false
}

/** ETHTOOL_GLINK: struct ethtool_value, to which the request points. <linux/ethtool.h> */
async function ethtoolBeat(fd: number, name: string): Promise<boolean | undefined> {
  const value = Buffer.alloc(8)
  value.writeUInt32LE(ETHTOOL_GLINK, 0)
  const request = interfaceRequest(name)
  request.writeBigUInt64LE(addressOfBytes(value), DATA_AT)
  const result = await ioctlInPool(fd, SIOCETHTOOL, request)
  return result.ok ? value.readUInt32LE(4) !== 0 : undefined
}

/** struct ifreq: the name, zero-terminated, and a union. <linux/if.h> */
function interfaceRequest(name: string): Buffer {
  const request = Buffer.alloc(REQUEST_BYTES)
  request.write(name, 0, DATA_AT - 1, 'latin1')
  return request
}

const ASK_EVERY_MS = 1_000
const REQUEST_BYTES = 40
const DATA_AT = 16
const IFF_UP_AND_RUNNING = 0x41
/** <linux/sockios.h> */
const SIOCGIFFLAGS = 0x8913
const SIOCETHTOOL = 0x8946
const SIOCGMIIPHY = 0x8947
const SIOCGMIIREG = 0x8948
const ETHTOOL_GLINK = 0x0a
const MII_BMSR = 1
const BMSR_LSTATUS = 0x0004
