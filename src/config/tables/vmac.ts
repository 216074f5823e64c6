import type {IpAddress} from '../../core/ip.ts'
import {parseIp} from '../../core/ip.ts'
import {shown} from '../findings.ts'
import {readInterface} from '../schema/arguments.ts'
import {inherited} from '../schema/entries.ts'
import {type Argument, type Cursor, type Entry, REFUSED} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {writtenWord} from '../text/written.ts'

/** `use_vmac`: a macvlan with the virtual MAC address. */
export interface Vmac {
  /** Name of its interface; undefined: made of vmac_prefix and the VRID. */
  readonly name: string | undefined
  /** Its address in place of 00:00:5e:00:01:VRID, six octets, or five where the last is the VRID. */
  readonly mac: string | undefined
  readonly group: string | undefined
  readonly netlinkNotify: boolean
}

/** `use_ipvlan`: an ipvlan that carries the advertisements. */
export interface Ipvlan {
  readonly mode: 'bridge' | 'private' | 'vepa'
  readonly name: string | undefined
  readonly address: IpAddress | undefined
  readonly prefixLength: number | undefined
  readonly group: string | undefined
}

const MAC = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){4,5}$/i

/** The words after `use_vmac`. */
export const VMAC: Argument<Vmac> = {
  form: '[NAME | name NAME] [MAC of 5 or 6 octets] [group GROUP] [netlink_notify_msg]',
  read: cursor => {
    const vmac: Draft<Vmac> = {name: undefined, mac: undefined, group: undefined, netlinkNotify: false}
    for (let given = cursor.peek(); given; given = cursor.peek()) {
      cursor.next()
      if (given.text === 'netlink_notify_msg') vmac.netlinkNotify = true
      else if (given.text === 'group') {
        const group = cursor.require()
        if (group === REFUSED) break
        vmac.group = group.text
      } else if (given.text === 'name') {
        const named = cursor.require()
        if (named === REFUSED || !takeName(cursor, named, vmac)) break
      } else if (MAC.test(given.text)) {
        if (vmacPermitted(given.text)) vmac.mac = given.text.toLowerCase()
        else cursor.note('argument-invalid', given, `${cursor.show(given)} cannot be a virtual MAC address`, MAC_HINT)
      } else takeName(cursor, given, vmac)
    }
    return vmac
  },
  print: ({name, mac, group, netlinkNotify}) =>
    [
      ...(name === undefined ? [] : ['name', writtenWord(name)]),
      ...(mac === undefined ? [] : [mac]),
      ...(group === undefined ? [] : ['group', writtenWord(group)]),
      ...(netlinkNotify ? ['netlink_notify_msg'] : []),
    ].join(' '),
}

/** The first name counts. False when it is none. */
function takeName(cursor: Cursor, given: Word, vmac: Draft<Vmac>): boolean {
  const name = readInterface(cursor, given)
  if (name === REFUSED) return false
  if (vmac.name === undefined) vmac.name = name
  else cursor.note('given-again-ignored', given, `the interface has a name already: ${shown(vmac.name)} counts`)
  return true
}

const PLAIN_VMAC = inherited('use_vmac', VMAC, {
  doc: 'hold the addresses on an interface of their own with the virtual MAC address',
  defaultText: 'off; the name is vmac_prefix.VRID',
})

/** `use_vmac`: a second one adds what the first left open, and cannot name the interface again. */
export const USE_VMAC: Entry<Vmac | undefined> = {
  ...PLAIN_VMAC,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const given = PLAIN_VMAC.read(statement, undefined, context)
    if (given === REFUSED || given === undefined || previous === undefined) return given
    const {name, mac, group, netlinkNotify} = previous
    if (name !== undefined && given.name !== undefined) {
      const message = `use_vmac names the interface again: ${shown(name)} counts`
      context.findings.report('given-again-ignored', statement.position, message, 'name it once')
    }
    return {
      name: name ?? given.name,
      mac: given.mac ?? mac,
      group: given.group ?? group,
      netlinkNotify: given.netlinkNotify || netlinkNotify,
    }
  },
}

const MAC_HINT = 'not a multicast address, and none of 00:00:5e:00:01:xx and 00:00:5e:00:02:xx'

/** Addresses of the RFC belong to the VRID alone. */
function vmacPermitted(text: string): boolean {
  const octets = text.split(':').map(octet => Number.parseInt(octet, 16))
  if (((octets[0] ?? 0) & 1) === 1) return false
  const prefix = octets.slice(0, 5).join(' ')
  return prefix !== '0 0 94 0 1' && prefix !== '0 0 94 0 2'
}

/** The words after `use_ipvlan`. */
export const IPVLAN: Argument<Ipvlan> = {
  form: '[bridge|private|vepa] [NAME] [ADDRESS[/LENGTH]] [group GROUP]',
  read: cursor => {
    const ipvlan: Draft<Ipvlan> = {
      mode: 'bridge',
      name: undefined,
      address: undefined,
      prefixLength: undefined,
      group: undefined,
    }
    for (let given = cursor.peek(); given; given = cursor.peek()) {
      cursor.next()
      const [addressText = '', lengthText] = given.text.split('/')
      const address = parseIp(addressText)
      if (given.text === 'bridge' || given.text === 'private' || given.text === 'vepa') ipvlan.mode = given.text
      else if (given.text === 'group') {
        const group = cursor.require()
        if (group === REFUSED) break
        ipvlan.group = group.text
      } else if (address.ok) {
        ipvlan.address = address.value
        if (lengthText !== undefined && /^\d{1,3}$/.test(lengthText)) ipvlan.prefixLength = Number(lengthText)
      } else {
        const name = readInterface(cursor, given)
        if (name !== REFUSED) ipvlan.name = name
      }
    }
    return ipvlan
  },
  print: ({mode, name, address, prefixLength, group}) =>
    [
      mode,
      ...(name === undefined ? [] : [writtenWord(name)]),
      ...(address === undefined ? [] : [prefixLength === undefined ? address : `${address}/${prefixLength}`]),
      ...(group === undefined ? [] : ['group', writtenWord(group)]),
    ].join(' '),
}

type Draft<T> = {-readonly [Field in keyof T]: T[Field]}
