import {Network} from '../../../src/kernel/network.ts'
import {dumpedAddresses, eventually, ip, ipBatch, picturedAddresses, report, sleep} from './tools.ts'

/** A listener that throws in every way there is, within the callbacks of a package that does not survive it. */
async function main(): Promise<void> {
  const caught: Record<string, number> = {}
  process.on('uncaughtException', error => {
    caught[error.message] = (caught[error.message] ?? 0) + 1
  })
  const network = await Network.open({
    onChange: () => {
      process.nextTick(() => {
        throw new Error('tick')
      })
      void Promise.reject(new Error('promise'))
      throw new Error('listener')
    },
    onError: () => {},
  })
  await ipBatch(Array.from({length: 300}, (_, i) => `addr add 10.0.${i >> 8}.${i & 255}/32 dev ha0`))
  ip('link', 'set', 'ha0', 'mtu', '1400')
  const agreed = await eventually(
    () =>
      network.link('ha0')?.mtu === 1400 &&
      JSON.stringify(picturedAddresses(network)) === JSON.stringify(dumpedAddresses()),
  )
  // Closed from a promise that may run anywhere.
  await Promise.resolve().then(() => network.close())
  await sleep(50)
  report({agreed, caught})
}

void main()
