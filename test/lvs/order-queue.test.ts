import {expect, test} from 'vitest'
import {orderQueue} from '../../src/lvs/order-queue.ts'

test('a job begins when the one before it has ended, and ends as it does', async () => {
  const queue = orderQueue()
  const seen: string[] = []
  let endFirst = (): void => {}
  const first = queue.run(async () => {
    seen.push('first begins')
    await new Promise<void>(resolve => {
      endFirst = resolve
    })
    seen.push('first ends')
    throw new Error('refused')
  })
  const second = queue.run(async () => seen.push('second'))
  await Promise.resolve()
  await Promise.resolve()
  expect(seen).toEqual(['first begins'])
  endFirst()
  await expect(first).rejects.toThrow('refused')
  expect(await second).toBe(3)
})

test('no more wait than can be answered', async () => {
  const queue = orderQueue()
  let end = (): void => {}
  const jobs = [
    queue.run(
      () =>
        new Promise<void>(resolve => {
          end = resolve
        }),
    ),
    ...Array.from({length: 255}, () => queue.run(async () => {})),
  ]
  await expect(queue.run(async () => {})).rejects.toMatchObject({code: 'REFUSED'})
  end()
  await Promise.all(jobs)
  expect(await queue.run(async () => 'again')).toBe('again')
})

test('what the agent itself has to do comes before orders that wait, and is never refused', async () => {
  const queue = orderQueue()
  const seen: string[] = []
  let end = (): void => {}
  const running = queue.run(
    () =>
      new Promise<void>(resolve => {
        end = resolve
      }),
  )
  const orders = Array.from({length: 255}, (_, i) => queue.run(async () => seen.push(`order ${i}`)))
  const own = [queue.runFirst(async () => seen.push('own 1')), queue.runFirst(async () => seen.push('own 2'))]
  await Promise.resolve()
  end()
  await Promise.all([running, ...orders, ...own])
  expect(seen.slice(0, 3)).toEqual(['own 1', 'own 2', 'order 0'])
  expect(seen).toHaveLength(257)
})
