import type {AgentClient} from '../control/client.ts'
import {counted} from '../core/format.ts'
import {choose, requireTerminal} from './lvs-prompt.ts'

/** The virtual server that was named, or that somebody chooses. Throws USAGE where nobody can be asked. */
export async function chosenVirtualServer(agent: AgentClient, service: string | undefined): Promise<string> {
  if (service !== undefined) return service
  requireTerminal('SERVICE', 'name a service, such as 192.0.2.1:80/tcp; hactl check list shows them')
  const {items} = await agent.checks({})
  const failing = new Map<string, number>()
  for (const {virtualServer, counts} of items) {
    failing.set(virtualServer, (failing.get(virtualServer) ?? 0) + (counts === 'down' ? 1 : 0))
  }
  const offers = [...failing].map(([name, down]) => ({
    name,
    beside: down === 0 ? 'up' : `down: ${counted(down, 'check')}`,
  }))
  return choose('service', offers)
}
