import type {IpAddress} from '../../core/ip.ts'
import {address, onOff, whole} from '../schema/arguments.ts'
import {type BlockHead, flag, headedBlocks, inherited, setting, settings} from '../schema/entries.ts'
import {type Argument, blockKind, type Entry, type Item, REFUSED} from '../schema/schema.ts'
import {writtenWord} from '../text/written.ts'
import {decimals} from './global-arguments.ts'
import {type TrackWeight, weightArgument} from './track-lines.ts'

/** `bfd_instance` as it stands in the text. */
export interface BfdSettings {
  readonly neighbour: IpAddress | undefined
  readonly source: IpAddress | undefined
  readonly minReceiveMs: number
  readonly minTransmitMs: number
  readonly idleTransmitMs: number
  readonly multiplier: number
  readonly passive: boolean
  /** TTL or hop limit of what is sent. */
  readonly ttl: number | undefined
  /** How many routers may lie between; -1: any number. */
  readonly maxHops: number
  readonly multihop: boolean
  readonly weight: TrackWeight
  /** Whether virtual routers get to know, and checkers; neither given means both. */
  readonly vrrp: boolean
  readonly checker: boolean
}

const LONGEST_MS = 4_294_967
/** Beyond this a session is too slow to be of use. */
const SENSIBLE_MS = 10_000
const MAX_NAME = 31

/** Milliseconds, of which three decimals count. */
function milliseconds(min: number): Argument<number> {
  const hint = `${min} to ${LONGEST_MS}`
  const argument: Argument<number> = {
    form: `${min}..${LONGEST_MS} milliseconds`,
    read: cursor => {
      const given = cursor.require()
      if (given === REFUSED) return REFUSED
      if (!/^\+?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})$/.test(given.text)) {
        return cursor.fail(given, `${cursor.show(given)} is not a number of milliseconds`, hint)
      }
      const ms = Math.round(Number(given.text) * 1_000) / 1_000
      if (ms < min || ms > LONGEST_MS) {
        return cursor.fail(given, `${cursor.show(given)} is not within ${min} to ${LONGEST_MS}`, hint)
      }
      if (min < SENSIBLE_MS && ms > SENSIBLE_MS) {
        const message = `${cursor.show(given)} is ${ms / 1_000} seconds: a failure would be noticed late`
        cursor.note('bfd-interval-long', given, message, `at most ${SENSIBLE_MS}`)
      }
      return ms
    },
    print: String,
  }
  return decimals(3, argument)
}

const HOPS = whole({min: 1, max: 255})

/** The table of `bfd_instance`. */
export const BFD = blockKind<BfdSettings>('bfd_instance', {
  neighbour: settings(
    {neighbor_ip: address, neighbour_ip: address},
    {initial: undefined, doc: 'address of the other end', defaultText: 'none; it has to be given'},
  ),
  source: inherited('source_ip', address, {
    doc: 'address that packets come from',
    defaultText: 'what the kernel takes',
  }),
  minReceiveMs: setting('min_rx', milliseconds(1), {
    initial: 10,
    doc: 'least time between packets that the other end may send',
    defaultText: '10',
  }),
  minTransmitMs: setting('min_tx', milliseconds(1), {
    initial: 10,
    doc: 'least time between packets while the session is up',
    defaultText: '10',
  }),
  idleTransmitMs: setting('idle_tx', milliseconds(1_000), {
    initial: 1_000,
    doc: 'time between packets while the session is down',
    defaultText: '1000',
  }),
  multiplier: setting('multiplier', HOPS, {
    initial: 5,
    doc: 'how many packets may be missing before the session is down',
    defaultText: '5',
  }),
  passive: flag('passive', 'send nothing before the other end does'),
  ttl: settings(
    {ttl: HOPS, hoplimit: HOPS},
    {initial: undefined, doc: 'TTL or hop limit of packets', defaultText: '255 for IPv4, 64 for IPv6'},
  ),
  maxHops: setting('max_hops', whole({min: -1, max: 255}), {
    initial: 0,
    doc: 'how much lower than ttl the TTL of a packet may be that comes in; -1 for any',
    defaultText: '0',
  }),
  multihop: setting('multihop', onOff, {
    initial: false,
    doc: 'whether routers may lie between the two ends (port 4784)',
    defaultText: 'off',
    since: '2.2.8',
  }),
  weight: setting('weight', weightArgument({max: 253}), {
    initial: {weight: 0, reverse: false},
    doc: 'added to the priority: below 0 while down, above 0 while up; 0: down means fault',
    defaultText: '0',
  }),
  vrrp: flag('vrrp', 'let virtual routers know of changes, and checkers only with checker'),
  checker: flag('checker', 'let checkers know of changes, and virtual routers only with vrrp'),
})

const HEAD: BlockHead<{readonly name: string}> = {
  form: `NAME (at most ${MAX_NAME} bytes)`,
  duplicate: 'name-duplicate',
  nameOf: ({name}) => name,
  read: cursor => {
    const given = cursor.next()
    if (!given || given.text === '') {
      return cursor.fail(given, 'it has no name and is ignored', `write ${BFD.name} NAME { … }`, 'name-missing')
    }
    if (Buffer.byteLength(given.text) <= MAX_NAME) return {name: given.text}
    return cursor.fail(given, `${cursor.show(given)} is too long; it is ignored`, `at most ${MAX_NAME} bytes`)
  },
  print: ({name}) => writtenWord(name),
}

/** The entry of `bfd_instance`. */
export const BFD_INSTANCES: Entry<readonly Item<BfdSettings>[]> = headedBlocks(BFD, HEAD, {
  doc: 'a BFD session: a quick watch on another host',
}) as Entry<readonly Item<BfdSettings>[]>
