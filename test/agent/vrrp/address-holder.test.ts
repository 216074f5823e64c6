import {describe, expect, it} from 'vitest'
import {AddressHolder, type AddressOutcome} from '../../../src/agent/vrrp/address-holder.ts'
import type {VipConfig} from '../../../src/config/config.ts'
import type {IpAddress} from '../../../src/core/ip.ts'
import {interfaceIndex} from '../../../src/core/units.ts'
import type {AddressSpec} from '../../../src/kernel/addresses.ts'

const vip = (last: number, over: Partial<VipConfig> = {}): VipConfig => ({
  position: {file: 'x', line: 1, column: 1},
  address: `10.0.0.${last}` as IpAddress,
  prefixLength: 24,
  ...over,
})

/** A kernel that keeps addresses in a set, answers in a later turn, and refuses what it is told to refuse. */
class Kernel {
  readonly present = new Set<string>()
  readonly specs: AddressSpec[] = []
  readonly calls: string[] = []
  refuse: string | undefined

  add(spec: AddressSpec): Promise<AddressOutcome> {
    this.specs.push(spec)
    return this.#answer(`add ${spec.address}`, () => {
      if (this.present.has(spec.address)) return {outcome: 'already-there'}
      this.present.add(spec.address)
      return {outcome: 'done'}
    })
  }

  remove(spec: AddressSpec): Promise<AddressOutcome> {
    return this.#answer(`remove ${spec.address}`, () => ({
      outcome: this.present.delete(spec.address) ? 'done' : 'was-gone',
    }))
  }

  async #answer(call: string, act: () => AddressOutcome): Promise<AddressOutcome> {
    this.calls.push(call)
    await new Promise(resolve => setTimeout(resolve, 1))
    return this.refuse === undefined ? act() : {outcome: 'failed', reason: this.refuse}
  }
}

function makeHolder({link = true}: {readonly link?: boolean} = {}) {
  const kernel = new Kernel()
  const news: string[] = []
  const holder = new AddressHolder(
    kernel,
    {
      onAdded: ({address}, {adopted, announce}) =>
        news.push(`${address} ${adopted ? 'adopted' : `added x${announce}`}`),
      onRemoved: ({address}) => news.push(`${address} removed`),
      onFailed: ({address}, verb, reason) => news.push(`${address} ${verb}: ${reason}`),
    },
    () => (link ? interfaceIndex(7) : undefined),
  )
  return {kernel, news, holder}
}

describe('addresses of one virtual router', () => {
  it('are added, adopted where they are already, and removed', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.present.add('10.0.0.1')
    await holder.hold([vip(1), vip(2)], 5)
    expect(news).toEqual(['10.0.0.1 adopted', '10.0.0.2 added x5'])
    expect(holder.holds(vip(1))).toBe(true)
    await holder.release([vip(1), vip(2)])
    expect([...kernel.present]).toEqual([])
    expect(holder.holds(vip(1))).toBe(false)
  })

  it('end as the last wish has it, however wishes and answers cross', async () => {
    for (let tries = 0; tries < 50; tries++) {
      const {kernel, holder} = makeHolder()
      const wishes = Array.from({length: 8}, (_, i) => ((tries * 7 + i * 5) % 3) + 1)
      for (const [i, count] of wishes.entries()) {
        if (count === 3) void holder.release([vip(1), vip(2)])
        else void holder.hold([vip(1), vip(2)].slice(0, count), 0)
        if (i % 2 === tries % 2) await new Promise(resolve => setTimeout(resolve, 1))
      }
      await holder.settled()
      const last = wishes.at(-1)
      const expected = last === 3 ? [] : last === 2 ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.1']
      expect([...kernel.present].sort(), `wishes ${wishes}`).toEqual(expected)
    }
  })

  it('are taken off on release also when somebody else put them there', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.present.add('10.0.0.1')
    await holder.release([vip(1), vip(2)])
    expect(news).toEqual(['10.0.0.1 removed'])
  })

  it('that a reload drops go, the others are left alone', async () => {
    const {kernel, news, holder} = makeHolder()
    await holder.hold([vip(1), vip(2)], 0)
    news.length = 0
    await holder.hold([vip(2), vip(3)], 1)
    expect([...kernel.present].sort()).toEqual(['10.0.0.2', '10.0.0.3'])
    expect(news).toEqual(['10.0.0.1 removed', '10.0.0.2 adopted', '10.0.0.3 added x1'])
  })

  it('that the kernel refuses are told of and asked for again', async () => {
    const {kernel, news, holder} = makeHolder()
    kernel.refuse = 'EINVAL'
    await holder.hold([vip(1)], 0)
    expect(news).toEqual(['10.0.0.1 add: EINVAL'])
    kernel.refuse = undefined
    await new Promise(resolve => setTimeout(resolve, 1_200))
    expect(news.at(-1)).toBe('10.0.0.1 added x0')
    holder.close()
  })

  it('have the broadcast address, scope and label of their line', async () => {
    const {kernel, holder} = makeHolder()
    const all = [
      vip(1),
      vip(2, {broadcast: '+', label: 'eth0:1', scope: 253}),
      vip(3, {broadcast: '-'}),
      vip(4, {broadcast: '10.0.0.9' as IpAddress}),
    ]
    await holder.hold(all, 0)
    const common = {index: 7, prefixLength: 24, scope: 0}
    expect(kernel.specs).toEqual([
      {...common, address: '10.0.0.1'},
      {...common, address: '10.0.0.2', broadcast: '10.0.0.255', label: 'eth0:1', scope: 253},
      {...common, address: '10.0.0.3', broadcast: '10.0.0.0'},
      {...common, address: '10.0.0.4', broadcast: '10.0.0.9'},
    ])
  })

  it('on an interface that is gone are not asked for, and count as gone', async () => {
    const {kernel, news, holder} = makeHolder({link: false})
    await holder.hold([vip(1)], 0)
    expect(holder.holds(vip(1))).toBe(false)
    await holder.release([vip(1)])
    expect(kernel.calls).toEqual([])
    expect(news).toEqual([])
    holder.close()
  })
})
