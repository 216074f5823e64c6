import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import {addressObject, type HeldObject, kernelObjectOf, objectsOf} from '../../../src/agent/vrrp/held-object.ts'
import type {LinkLookup} from '../../../src/agent/vrrp/link-lookup.ts'
import {loadText} from '../../../src/config/load.ts'
import {routersOf} from '../../../src/config/router-config.ts'
import {decodeAddress} from '../../../src/core/netlink/address.ts'
import {decodeEncapsulation, encodeEncapsulation} from '../../../src/core/netlink/encapsulation.ts'
import {decodeRoute, encodeRoute, type RouteMessage} from '../../../src/core/netlink/route.ts'
import {decodeRule, encodeRule} from '../../../src/core/netlink/rule.ts'
import type {InterfaceIndex} from '../../../src/core/units.ts'
import {addressAddition} from '../../../src/kernel/addresses.ts'
import {routeAddition, ruleAddition} from '../../../src/kernel/routes.ts'
import {mutated, randomFrom} from '../../core/netlink/captures.ts'

interface Capture {
  readonly kind: 'address' | 'route' | 'rule'
  readonly line: string
  /** Of the message; 5 is NLM_F_REQUEST and NLM_F_ACK. */
  readonly flags: number
  readonly body: string
}

/** What keepalived 2.2.7 asked the kernel for, by the line it read; eth0 is 3 and eth1 is 5. */
const CAPTURES: readonly Capture[] = JSON.parse(
  readFileSync(new URL('keepalived-messages.json', import.meta.url), 'utf8'),
)
const of = (kind: Capture['kind']): readonly Capture[] => CAPTURES.filter(capture => capture.kind === kind)
const bytesOf = ({body}: Capture): Buffer => Buffer.from(body, 'hex')

const LINKS: LinkLookup = {
  indexOf: name => ({eth0: 3, eth1: 5})[name] as InterfaceIndex | undefined,
  tableOf: name => (name === 'blue' ? 1_000 : undefined),
}

const BLOCKS = {address: 'virtual_ipaddress_excluded', route: 'virtual_routes', rule: 'virtual_rules'}

/** The objects of one line. */
function objectsFrom(kind: Capture['kind'], line: string): readonly HeldObject[] {
  const text = `vrrp_instance A {
    interface eth0
    virtual_router_id 5
    virtual_ipaddress { 192.0.2.7 }
    ${BLOCKS[kind]} {
      ${line}
    }
  }`
  return routersOf(loadText('x', text).config)
    .flatMap(objectsOf)
    .filter(object => object.key !== addressObject({position, address, prefixLength: 32}, 'eth0').key)
}
const position = {file: 'x', line: 1, column: 1}
const address = '192.0.2.7' as Parameters<typeof addressObject>[0]['address']

function kernelObject(kind: Capture['kind'], line: string) {
  const [object] = objectsFrom(kind, line)
  const result = object && kernelObjectOf(object, LINKS)
  if (!result?.ok) throw new Error(`${line}: ${result?.reason ?? 'not read'}`)
  return result.spec
}

/** Encapsulations are read, since keepalived fills them up with whatever lay in its memory. */
const readable = (body: Buffer) => {
  const read = decodeRoute(body)
  if (!read.ok) return read
  const {values, ...rest} = read.value
  const inside = ({encapsulationType, encapsulation, ...others}: RouteMessage['values']) =>
    encapsulationType === undefined || encapsulation === undefined
      ? others
      : {...others, encapsulation: decodeEncapsulation(encapsulationType, encapsulation)}
  return {...rest, values: inside(values)}
}

describe('what the kernel is asked for', () => {
  test.each(of('address'))('is the address that keepalived asks for: $line', capture => {
    const object = kernelObject('address', capture.line)
    const ours = decodeAddress(object.kind === 'address' ? addressAddition(object.spec).body : Buffer.alloc(0))
    const theirs = decodeAddress(bytesOf(capture))
    if (!ours.ok || !theirs.ok) throw new Error('not decoded')
    const {address: peer, protocol, ...values} = ours.value.values
    // Ours has the mark of its maker and always names the other end, which is the address itself on most links.
    expect(protocol).toBe(0x70)
    expect(peer).toBe(theirs.value.values.address ?? theirs.value.values.local)
    const {address: _address, ...asked} = theirs.value.values
    expect({...ours.value, values}).toEqual({...theirs.value, values: asked})
  })

  test.each(of('route'))('is the route that keepalived asks for: $line', capture => {
    const object = kernelObject('route', capture.line)
    if (object.kind !== 'route') throw new Error('no route')
    const request = routeAddition(object.spec)
    expect(request.flags).toBe(capture.flags & ~5)
    expect(readable(request.body)).toEqual(readable(bytesOf(capture)))
  })

  test.each(of('rule'))('is the rule that keepalived asks for: $line', capture => {
    const object = kernelObject('rule', capture.line)
    if (object.kind !== 'rule') throw new Error('no rule')
    const request = ruleAddition(object.spec)
    expect(request.flags).toBe(capture.flags & ~5)
    const [ours, theirs] = [decodeRule(request.body), decodeRule(bytesOf(capture))]
    if (!ours.ok || !theirs.ok) throw new Error('not decoded')
    // A source of no bits says nothing.
    const {source, ...values} = theirs.value.values
    expect(ours.value).toEqual({
      ...theirs.value,
      values: theirs.value.sourceLength === 0 ? values : {...values, source},
    })
  })

  test('has the widest scope that the kernel accepts where a line has none', () => {
    const scopes = ['local 10.0.0.1', 'broadcast 10.0.0.1', 'anycast 10.0.0.1', 'multicast 239.0.0.0/8'].map(line => {
      const object = kernelObject('route', `${line} dev eth0`)
      return object.kind === 'route' && [object.spec.message.scope, object.spec.anyScope]
    })
    expect(scopes).toEqual([
      [254, true],
      [253, true],
      [253, true],
      [0, true],
    ])
  })

  test('has the table of a VRF, and names what is not there', () => {
    const route = (line: string) => kernelObjectOf(objectsFrom('route', line)[0] as HeldObject, LINKS)
    expect(route('10.0.0.0/8 dev eth0 vrf blue')).toMatchObject({
      ok: true,
      spec: {spec: {message: {table: 0, values: {table: 1_000}}}},
    })
    expect(route('10.0.0.0/8 dev eth0 vrf red')).toEqual({ok: false, reason: 'there is no VRF red'})
    expect(route('10.0.0.0/8 dev eth7')).toEqual({ok: false, reason: 'interface eth7 does not exist'})
    expect(route('10.0.0.0/8 dev eth0 table mine')).toEqual({
      ok: false,
      reason: 'no number is known for the name mine',
    })
  })
})

describe('messages about routes and rules', () => {
  test('are read again as they were written', () => {
    for (const capture of of('route')) {
      const first = decodeRoute(bytesOf(capture))
      if (!first.ok) throw new Error(capture.line)
      expect(decodeRoute(encodeRoute(first.value)), capture.line).toEqual(first)
      const {encapsulationType, encapsulation} = first.value.values
      if (encapsulationType === undefined || encapsulation === undefined) continue
      const read = decodeEncapsulation(encapsulationType, encapsulation)
      if (!read.ok) throw new Error(capture.line)
      const written = encodeEncapsulation(read.value)
      expect(decodeEncapsulation(written.number, written.bytes), capture.line).toEqual(read)
    }
    for (const capture of of('rule')) {
      const first = decodeRule(bytesOf(capture))
      if (!first.ok) throw new Error(capture.line)
      expect(decodeRule(encodeRule(first.value)), capture.line).toEqual(first)
    }
  })

  test('that are cut short or damaged are read or refused, and nothing throws', () => {
    const random = randomFrom(7)
    const counts = {read: 0, refused: 0}
    for (const capture of [...of('route'), ...of('rule')]) {
      const bytes = bytesOf(capture)
      const cut = Array.from({length: bytes.length}, (_, length) => bytes.subarray(0, length))
      for (const body of [...cut, ...Array.from({length: 200}, () => mutated(bytes, random))]) {
        const read = capture.kind === 'route' ? decodeRoute(body) : decodeRule(body)
        counts[read.ok ? 'read' : 'refused']++
        if (!read.ok || capture.kind === 'rule') continue
        const {encapsulationType, encapsulation} = (read.value as RouteMessage).values
        if (encapsulationType !== undefined && encapsulation) decodeEncapsulation(encapsulationType, encapsulation)
      }
    }
    expect(counts.read).toBeGreaterThan(1_000)
    expect(counts.refused).toBeGreaterThan(1_000)
  })
})
