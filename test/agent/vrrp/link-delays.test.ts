import {afterEach, describe, expect, it} from 'vitest'
import {LinkStates} from '../../../src/agent/vrrp/link-delays.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {monotonicMs} from '../../../src/core/units.ts'

const links = new Map<string, {up: boolean}>()
let limitMs = Number.POSITIVE_INFINITY
const states = new LinkStates({look: name => links.get(name), limitMs: () => limitMs, onChange: () => {}})

afterEach(() => {
  links.clear()
  limitMs = Number.POSITIVE_INFINITY
  states.configure(settings(''), new Set(), new Set())
})

const settings = (text: string) => parseConfig({file: 'test.conf', text}).config
const isUp = (name: string, at: number): boolean => states.isUp(name, monotonicMs(at))
const configure = (text: string, ...names: readonly string[]): void =>
  states.configure(settings(text), new Set(names), new Set())

describe('what interfaces are held to be', () => {
  it('follows those without a delay at once, and others after it', () => {
    configure('interface_up_down_delays {\n eth0 1 2\n}', 'eth0', 'eth1')
    for (const name of ['eth0', 'eth1']) links.set(name, {up: true})
    expect([isUp('eth0', 0), isUp('eth1', 0)]).toEqual([true, true])
    for (const name of ['eth0', 'eth1']) links.set(name, {up: false})
    expect([isUp('eth0', 100), isUp('eth1', 100)]).toEqual([true, false])
    expect(states.nextDeadline()).toBe(1_100)
    expect([isUp('eth0', 1_099), isUp('eth0', 1_100)]).toEqual([true, false])
    expect(states.nextDeadline()).toBeUndefined()
    links.set('eth0', {up: true})
    expect([isUp('eth0', 2_000), isUp('eth0', 3_999), isUp('eth0', 4_000)]).toEqual([false, false, true])
  })

  it('is down at once for one that goes, and up at once for one that comes in its place', () => {
    configure('interface_up_down_delays {\n eth0 5 5\n}', 'eth0')
    links.set('eth0', {up: true})
    expect(isUp('eth0', 0)).toBe(true)
    links.delete('eth0')
    expect(isUp('eth0', 1)).toBe(false)
    links.set('eth0', {up: true})
    expect(isUp('eth0', 2)).toBe(true)
  })

  it('changes before the backups would take over', () => {
    configure('interface_up_down_delays {\n eth0 5\n}', 'eth0')
    links.set('eth0', {up: true})
    expect(isUp('eth0', 0)).toBe(true)
    links.set('eth0', {up: false})
    expect(isUp('eth0', 0)).toBe(true)
    expect(states.nextDeadline()).toBe(5_000)
    limitMs = 600
    expect(states.nextDeadline()).toBe(600)
    expect(isUp('eth0', 600)).toBe(false)
  })

  it('goes on over a reload that leaves its delay alone, and ends with one that takes it away', () => {
    const delays = 'interface_up_down_delays {\n eth0 5\n}'
    configure(delays, 'eth0')
    links.set('eth0', {up: true})
    isUp('eth0', 0)
    links.set('eth0', {up: false})
    expect(isUp('eth0', 100)).toBe(true)
    configure(delays, 'eth0')
    expect(states.nextDeadline()).toBe(5_100)
    configure('', 'eth0')
    expect(isUp('eth0', 200)).toBe(false)
  })
})
