import {HactlError} from '../errors.ts'

/** Runs what changes the kernel's table one after the other. */
export interface OrderQueue {
  /** Runs an order when those before it have ended; rejects as it does, or with REFUSED where too many wait. */
  run<Value>(job: () => Promise<Value>): Promise<Value>
  /** Runs what the agent itself has to do, before orders that wait; rejects as it does. */
  runFirst<Value>(job: () => Promise<Value>): Promise<Value>
}

/** More than clients that can be connected at once. */
const MAX_WAITING = 256

/** An empty queue. The agent's own changes of the table go through the same one as those of operators. */
export function orderQueue(): OrderQueue {
  const first: (() => Promise<void>)[] = []
  const orders: (() => Promise<void>)[] = []
  let isRunning = false
  let ordersNotEnded = 0
  const runAll = async (): Promise<void> => {
    isRunning = true
    for (let next = first.shift() ?? orders.shift(); next; next = first.shift() ?? orders.shift()) await next()
    isRunning = false
  }
  const put = <Value>(waiting: (() => Promise<void>)[], job: () => Promise<Value>): Promise<Value> =>
    new Promise<Value>((resolve, reject) => {
      waiting.push(() => Promise.resolve().then(job).then(resolve, reject))
      if (!isRunning) void runAll()
    })
  return {
    run: job => {
      if (ordersNotEnded >= MAX_WAITING) {
        return Promise.reject(
          new HactlError('REFUSED', `${ordersNotEnded} orders to IPVS wait already`, 'try again later'),
        )
      }
      ordersNotEnded++
      return put(orders, job).finally(() => {
        ordersNotEnded--
      })
    },
    runFirst: job => put(first, job),
  }
}
