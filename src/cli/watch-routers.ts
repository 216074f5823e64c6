import type {AgentClient} from '../control/client.ts'
import type {AgentEvent, VirtualRouter} from '../control/model.ts'
import {HactlError} from '../errors.ts'
import {routerTable} from './router-views.ts'

export interface WatchOptions {
  /** Only this virtual router. */
  readonly name: string | undefined
  readonly json: boolean
}

/** On a terminal the table is drawn again so often, for its times, milliseconds. */
const REDRAW_MS = 1000
/** Cursor home, clear what follows; ECMA-48. */
const HOME = '\u001b[H\u001b[J'

/** Shows the virtual routers again whenever they change, until it is interrupted or the agent goes away. */
export async function watchRouters(agent: AgentClient, options: WatchOptions): Promise<void> {
  const shown = new Map<string, VirtualRouter>()
  let last = ''
  const onTerminal = process.stdout.isTTY === true && !options.json
  const draw = (): void => {
    const routers = [...shown.values()]
    const key = routers.map(signature).join('\n')
    if (!onTerminal && key === last) return
    last = key
    if (options.json) process.stdout.write(`${JSON.stringify(routers)}\n`)
    else process.stdout.write(`${onTerminal ? HOME : ''}${routerTable(routers, new Date().toISOString())}\n`)
  }
  const take = (event: AgentEvent): void => {
    if (event.type === 'snapshot') {
      shown.clear()
      for (const router of event.routers) keep(router)
      requireNamed(options.name, event.routers)
    } else if (event.type === 'router') keep(event.router)
    else return
    draw()
  }
  const keep = (router: VirtualRouter): void => {
    if (options.name === undefined || options.name === router.name) shown.set(router.name, router)
  }
  const timer = onTerminal ? setInterval(draw, REDRAW_MS) : undefined
  try {
    await agent.events(take)
  } finally {
    clearInterval(timer)
  }
}

/** Throws `HactlError` NOT_FOUND when a snapshot lacks the router that was asked for. */
export function requireNamed(name: string | undefined, routers: readonly VirtualRouter[]): void {
  if (name === undefined || routers.some(router => router.name === name)) return
  const known = routers.map(router => router.name).join(', ')
  const hint = known === '' ? 'there is none in the configuration' : `there is ${known}`
  throw new HactlError('NOT_FOUND', `no virtual router ${name}`, hint)
}

/** What makes a change worth showing; counters alone do not. */
function signature({name, state, since, priority, heard, vips}: VirtualRouter): string {
  return JSON.stringify([name, state, since, priority, heard?.address, vips])
}
