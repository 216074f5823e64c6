import {join} from 'node:path'
import {expect, onTestFinished, test} from 'vitest'
import {ClusterWatch, type ClusterWatchOptions} from '../../src/watch/cluster-watch.ts'
import type {ClusterPicture} from '../../src/watch/model.ts'
import {nodeAddresses} from '../../src/watch/node-address.ts'
import {temporaryDirectory, temporaryServer} from '../control/temporary.ts'
import {fakeRouter} from '../fake-agent.ts'

const QUICK: ClusterWatchOptions = {limits: {firstRetryMs: 5, lastRetryMs: 20}}

function watch(...given: readonly string[]): ClusterWatch {
  const made = new ClusterWatch(nodeAddresses(given), QUICK)
  onTestFinished(() => made.close())
  return made
}

function until(cluster: ClusterWatch, isSo: (picture: ClusterPicture) => boolean): Promise<ClusterPicture> {
  return new Promise(resolve => {
    const end = cluster.subscribe(picture => {
      if (!isSo(picture)) return
      end()
      resolve(picture)
    })
  })
}

test('all nodes are in the first picture, and it is whole when each has told everything or failed', async () => {
  const one = await temporaryServer()
  const two = await temporaryServer()
  const none = join(temporaryDirectory(), 'none.sock')
  const cluster = watch(`unix:${one.socketPath}`, `unix:${two.socketPath}`, `unix:${none}`)
  expect(cluster.picture().nodes.map(({state}) => state)).toEqual(['connecting', 'connecting', 'connecting'])
  const picture = await cluster.whole({timeoutMs: 15_000})
  expect(picture.nodes.map(({state}) => state)).toEqual(['live', 'live', 'unknown'])
  expect(picture.routers.map(({name, onNodes}) => [name, ...onNodes.map(there => there?.router.state)])).toEqual([
    ['VI_1', 'master', 'master', undefined],
    ['VI_2', 'backup', 'backup', undefined],
  ])
  // The fakes are two masters for a long time.
  expect(picture.problems[0]).toMatchObject({kind: 'split-brain', subject: '4/51/VI_1'})
  expect(cluster.picture()).toBe(picture)
})

test('a node that does not get to its end is waited for no longer than told', async () => {
  const {socketPath} = await temporaryServer()
  const cluster = new ClusterWatch(nodeAddresses([`unix:${socketPath}`]), {
    client: () => ({watch: (_, signal) => new Promise(resolve => signal?.addEventListener('abort', () => resolve()))}),
  })
  onTestFinished(() => cluster.close())
  const picture = await cluster.whole({timeoutMs: 50})
  expect(picture.nodes).toMatchObject([{state: 'connecting', isWhole: false}])
})

test('a change reaches the picture, and a picture without change keeps its version', async () => {
  const {socketPath, agent} = await temporaryServer()
  const cluster = watch(`unix:${socketPath}`)
  const before = await cluster.whole({timeoutMs: 15_000})
  const older = await until(cluster, ({nowMs}) => nowMs > before.nowMs)
  expect(older.version).toBe(before.version)
  agent.tell({type: 'router', at: new Date().toISOString(), router: fakeRouter({state: 'backup'})})
  const after = await until(cluster, ({routers}) => routers[0]?.onNodes[0]?.router.state === 'backup')
  expect(after.version).toBe(before.version + 1)
})

test('many changes make few pictures', async () => {
  const {socketPath, agent} = await temporaryServer()
  const cluster = watch(`unix:${socketPath}`)
  await cluster.whole({timeoutMs: 15_000})
  let pictures = 0
  cluster.subscribe(() => pictures++)
  const at = new Date().toISOString()
  for (let run = 0; run < 500; run++) {
    agent.tell({type: 'router', at, router: fakeRouter({priority: {base: 100, effective: run % 250}})})
  }
  agent.tell({type: 'router', at, router: fakeRouter({name: 'last', vrid: 9})})
  await until(cluster, ({routers}) => routers.some(({name}) => name === 'last'))
  expect(pictures).toBeLessThan(50)
})

test('after close there is no reader, and who waits is answered', async () => {
  const {socketPath, agent} = await temporaryServer()
  const cluster = watch(`unix:${socketPath}`)
  await cluster.whole({timeoutMs: 15_000})
  expect(agent.readers()).toBe(1)
  await cluster.close()
  await expect.poll(() => agent.readers()).toBe(0)
  await cluster.whole({timeoutMs: 3_600_000})
})
