import {createServer} from 'node:net'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'
import type {AgentStatus, VirtualRouter} from '../../src/control/model.ts'
import {temporaryDirectory, temporaryServer} from '../control/temporary.ts'
import {fakeAgent, fakeRouter, fakeStatus, fakeWatch} from '../fake-agent.ts'

/** An agent in which nothing is wrong. */
export const HEALTHY: AgentStatus = {...fakeStatus(), processes: fakeStatus().processes.slice(0, 1)}

/** A virtual router that is master. */
export const master = fakeRouter({source: '10.0.0.1'})
/** The same on another node: a backup. */
export const backup = fakeRouter({
  state: 'backup',
  source: '10.0.0.2',
  priority: {base: 100, effective: 100},
  reason: 'advertisement from 10.0.0.1 with priority 110',
  vips: master.vips.map(vip => ({...vip, wanted: false, present: false})),
})

/** The flag for a node of that name that has these virtual routers. */
export async function watchedNode(
  name: string,
  routers: readonly VirtualRouter[] = [master],
  agent = HEALTHY,
): Promise<readonly string[]> {
  const events = fakeWatch(routers).map(event => (event.type === 'agent' ? {...event, agent} : event))
  const watched = fakeAgent({
    watch: listener => {
      for (const event of events) listener(event)
      return () => undefined
    },
  })
  const socketPath = join(temporaryDirectory(), `${name}.sock`)
  await temporaryServer({agent: watched, socketPath})
  return ['--node', `unix:${socketPath}`]
}

/** The flag for a node that takes connections and says nothing. */
export async function dumbNode(name: string): Promise<readonly string[]> {
  const socketPath = join(temporaryDirectory(), `${name}.sock`)
  const server = createServer(socket => onTestFinished(() => void socket.destroy()))
  await new Promise<void>(resolve => server.listen(socketPath, resolve))
  onTestFinished(() => void server.close())
  return ['--node', `unix:${socketPath}`]
}

/** The flag for a node that is not there. */
export const deadNode = (name: string): readonly string[] => ['--node', `unix:/nonexistent/${name}.sock`]

/** The flags for two nodes with which all is well: lb1 is master of VI_1, lb2 is backup. */
export const watchedNodes = async (): Promise<readonly string[]> => [
  ...(await watchedNode('lb1')),
  ...(await watchedNode('lb2', [backup])),
]
