import type {IpAddress} from '../../../src/core/ip.ts'
import {NETLINK_ROUTE} from '../../../src/core/netlink/message.ts'
import {addressAddition} from '../../../src/kernel/addresses.ts'
import {NetlinkRequester} from '../../../src/kernel/netlink-requests.ts'
import {indexOf, ip, report} from './tools.ts'

const COUNT = 2_000

/** Orders in sends of which each takes the kernel longer than an answer may take. */
async function main(): Promise<void> {
  const index = indexOf('ha0')
  const requester = NetlinkRequester.open(NETLINK_ROUTE, {timeoutMs: 1})
  const orders = Array.from({length: COUNT}, (_, i) =>
    addressAddition({index, address: `198.51.${100 + (i >> 8)}.${i & 255}` as IpAddress, prefixLength: 32}),
  )
  const results = await requester.batch({
    type: orders[0]?.type ?? 0,
    count: COUNT,
    maxBodyBytes: Math.max(...orders.map(({body}) => body.length)),
    write: (number, into, at) => orders[number]?.body.copy(into, at) ?? 0,
  })
  requester.close()
  const there = ip('-o', '-4', 'addr', 'show', 'dev', 'ha0').match(/198\.51\./g)?.length
  report({refused: results.filter(({ok}) => !ok), there})
}

void main()
