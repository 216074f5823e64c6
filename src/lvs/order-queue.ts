import {HactlError} from '../errors.ts'

/** Runs what changes the kernel's table one after the other. */
export interface OrderQueue {
  /** Runs a job when those before it have ended; rejects as it does, or with REFUSED where too many wait. */
  run<Value>(job: () => Promise<Value>): Promise<Value>
}

/** More than clients that can be connected at once. */
const MAX_WAITING = 256

/** An empty queue. The agent's own changes of the table go through the same one as those of operators. */
export function orderQueue(): OrderQueue {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return {
    run: job => {
      if (waiting >= MAX_WAITING) {
        return Promise.reject(new HactlError('REFUSED', `${waiting} orders to IPVS wait already`, 'try again later'))
      }
      waiting++
      const result = last.then(job).finally(() => {
        waiting--
      })
      last = result.catch(() => undefined)
      return result
    },
  }
}
