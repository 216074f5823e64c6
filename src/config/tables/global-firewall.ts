import {whole, word} from '../schema/arguments.ts'
import {flag, inherited, setting} from '../schema/entries.ts'
import {type Argument, type Cursor, REFUSED, type Refused, type Schema} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'
import {MAX_UNSIGNED, optional} from './global-arguments.ts'

/** The chains that `vrrp_iptables` names. */
export interface IptablesChains {
  readonly input: string
  readonly output: string | undefined
}

/** Packet filters in `global_defs`. */
export interface GlobalFirewallSettings {
  readonly iptables: IptablesChains | undefined
  /** Names of sets: addresses, IPv6 ones, IPv6 ones with an interface, IGMP, MLD, ND; empty: none are used. */
  readonly ipsets: readonly string[] | undefined
  readonly nftablesTable: string | undefined
  readonly nftablesPriority: number
  readonly nftablesInterfaceIndex: boolean
  readonly nftablesCounters: boolean
  readonly ipvsNftablesTable: string | undefined
  readonly ipvsNftablesPriority: number
  readonly ipvsNftablesStartMark: number
}

/** XT_EXTENSION_MAXNAMELEN - 1 of <linux/netfilter/x_tables.h>. */
const CHAIN_BYTES = 28
/** keepalived keeps one byte of IPSET_MAXNAMELEN - 1 for itself. */
const SET_BYTES = 30
const SETS = 6

const DEFAULT_CHAINS: IptablesChains = {input: 'INPUT', output: 'OUTPUT'}

const CHAINS: Argument<IptablesChains> = {
  form: '[CHAIN [OUTPUT-CHAIN]]',
  read: cursor => {
    const input = cursor.next()
    if (!input) return DEFAULT_CHAINS
    const output = cursor.next()
    for (const chain of [input, output]) {
      if (chain && isTooLong(cursor, chain, CHAIN_BYTES)) return REFUSED
    }
    return {input: input.text, output: output?.text}
  },
  print: ({input, output}) => {
    if (input === DEFAULT_CHAINS.input && output === DEFAULT_CHAINS.output) return ''
    return output === undefined ? writtenWord(input) : `${writtenWord(input)} ${writtenWord(output)}`
  },
}

const IPSETS: Argument<readonly string[]> = {
  form: `[NAME …], up to ${SETS} that differ, of at most ${SET_BYTES} bytes`,
  read: cursor => {
    const names: string[] = []
    for (let given = cursor.peek(); given && names.length < SETS; given = cursor.peek()) {
      cursor.next()
      if (isTooLong(cursor, given, SET_BYTES)) return REFUSED
      if (names.includes(given.text)) {
        return cursor.fail(given, `${cursor.show(given)} names two sets; the line is ignored`, 'names that differ')
      }
      names.push(given.text)
    }
    return names
  },
  print: names => names.map(writtenWord).join(' '),
}

function isTooLong(cursor: Cursor, given: Word, bytes: number): Refused | undefined {
  if (Buffer.byteLength(given.text) <= bytes) return undefined
  return cursor.fail(given, `${cursor.show(given)} is too long; the line is ignored`, `at most ${bytes} bytes`)
}

/** A priority of a chain. */
const CHAIN_PRIORITY = whole({min: -0x8000_0000, max: 0x7fff_ffff})

/** The entries of packet filters in `global_defs`. */
export const GLOBAL_FIREWALL: Schema<GlobalFirewallSettings> = {
  iptables: inherited('vrrp_iptables', CHAINS, {
    doc: 'chains of iptables for addresses that accept nothing',
    defaultText: 'off; INPUT and OUTPUT when no chain is named',
  }),
  ipsets: inherited('vrrp_ipsets', IPSETS, {
    doc: 'sets that iptables looks the addresses up in; without a name: none',
    defaultText: 'keepalived, keepalived6 and so on',
  }),
  nftablesTable: setting('nftables', optional(word('TABLE'), 'keepalived'), {
    initial: undefined,
    doc: 'table of nftables for addresses that accept nothing, and for virtual MAC addresses',
    defaultText: 'off; keepalived when no table is named',
    repeats: 'first-wins',
  }),
  nftablesPriority: setting('nftables_priority', CHAIN_PRIORITY, {
    initial: -1,
    doc: 'priority of the chains of nftables',
    defaultText: '-1',
  }),
  nftablesInterfaceIndex: flag('nftables_ifindex', 'let nftables tell interfaces by their index, not by their name'),
  nftablesCounters: flag('nftables_counters', 'count packets in the rules of nftables'),
  ipvsNftablesTable: setting('nftables_ipvs', optional(word('TABLE'), 'keepalived_ipvs'), {
    initial: undefined,
    doc: 'table of nftables that gives packets for groups of virtual servers their mark',
    defaultText: 'off; keepalived_ipvs when no table is named',
    repeats: 'first-wins',
  }),
  ipvsNftablesPriority: setting('nftables_ipvs_priority', CHAIN_PRIORITY, {
    initial: -1,
    doc: 'priority of the chains of nftables_ipvs',
    defaultText: '-1',
  }),
  ipvsNftablesStartMark: setting('nftables_ipvs_start_fwmark', whole({min: 1, max: MAX_UNSIGNED}), {
    initial: 1_000,
    doc: 'first mark that nftables_ipvs gives',
    defaultText: '1000',
  }),
}
