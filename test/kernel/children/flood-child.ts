import {spawnSync} from 'node:child_process'
import type {IpAddress} from '../../../src/core/ip.ts'
import type {NetworkChange} from '../../../src/core/netlink/picture.ts'
import {Network} from '../../../src/kernel/network.ts'
import {ObjectChanger} from '../../../src/kernel/object-changer.ts'
import {asObject, dumpedAddresses, eventually, indexOf, ip, ipBatch, picturedAddresses, report, sleep} from './tools.ts'

const ADDRESSES = Number(process.argv[2] ?? 4_000)

async function main(): Promise<void> {
  const counts: Record<string, number> = {}
  const errors: string[] = []
  const network = await Network.open({
    onChange: (changes: readonly NetworkChange[]) => {
      for (const {type} of changes) counts[type] = (counts[type] ?? 0) + 1
    },
    onError: reason => errors.push(reason),
  })
  const changer = ObjectChanger.open()
  const gaps: number[] = []
  let ticked = process.hrtime.bigint()
  const ticker = setInterval(() => {
    const now = process.hrtime.bigint()
    gaps.push(Number(now - ticked) / 1e6)
    ticked = now
  }, 10)

  // Another process changes addresses by the thousand, and the loop goes on.
  const addresses = Array.from({length: ADDRESSES}, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`)
  const adds = addresses.map(address => `addr add ${address} dev ha0`)
  const deletes = addresses.map(address => `addr del ${address} dev ha0`)
  const flood = ipBatch([...adds, ...deletes, ...adds])
  let running = true
  void flood.then(() => {
    running = false
  })
  const latencies: number[] = []
  const vip = {index: indexOf('ha0'), address: '192.0.2.77' as IpAddress, prefixLength: 24}
  while (running) {
    const began = process.hrtime.bigint()
    await changer.add(asObject(vip))
    await changer.remove(asObject(vip))
    latencies.push(Number(process.hrtime.bigint() - began) / 2e6)
    await sleep(2)
  }
  const equal = () => JSON.stringify(picturedAddresses(network)) === JSON.stringify(dumpedAddresses())
  const agreed = await eventually(equal)
  const floodCounters = network.counters()
  clearInterval(ticker)

  // The loop stands still for so long that the kernel cannot keep everything for it.
  const batch = [...deletes, ...adds, ...deletes, ...adds, ...deletes, 'link set ha0 down']
  for (let round = 0; round < 3 && network.counters().overruns === floodCounters.overruns; round++) {
    spawnSync('ip', ['-force', '-batch', '-'], {input: `${batch.join('\n')}\n`})
    await sleep(50)
  }
  const agreedAfterOverrun = await eventually(equal)
  const sawDown = await eventually(() => network.link('ha0')?.up === false)
  ip('link', 'set', 'ha0', 'up')
  const goesOn = await eventually(() => network.link('ha0')?.up === true)
  const overrunCounters = network.counters()
  network.close()
  changer.close()
  report({
    agreed,
    agreedAfterOverrun,
    sawDown,
    goesOn,
    ticks: gaps.length,
    longestGapMs: Math.max(...gaps),
    counts,
    errors,
    floodCounters,
    overrunCounters,
    gaps: summary(gaps),
    latencies: summary(latencies),
  })
}

function summary(values: number[]) {
  values.sort((a, b) => a - b)
  const at = (share: number) => Number((values[Math.floor((values.length - 1) * share)] ?? 0).toFixed(3))
  return {count: values.length, p50: at(0.5), p99: at(0.99), max: at(1)}
}

void main()
