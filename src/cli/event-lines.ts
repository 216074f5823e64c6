import type {AgentEvent} from '../control/model.ts'
import {formatTime} from '../core/format.ts'
import {unreachable} from '../core/never.ts'
import {paint, STATE_COLOURS} from './colour.ts'
import {recordLine} from './router-views.ts'

/** What an event has to say to people, as lines; nothing for a change of counters. */
export function eventLines(event: AgentEvent): readonly string[] {
  switch (event.type) {
    case 'snapshot':
      return event.routers.map(({name, state, since, reason}) => {
        const word = paint(STATE_COLOURS[state], state.toUpperCase())
        return `${paint('dim', `${formatTime(event.at)}  `)}${name}: ${word} since ${formatTime(since)}: ${reason}`
      })
    case 'journal':
      return [recordLine(event.record)]
    case 'lost':
      return [`${paint('dim', `${formatTime(event.at)}  `)}this reader was too slow and missed ${event.count} events`]
    case 'router':
      return []
    default:
      return unreachable(event)
  }
}

/** Keeps of each event what concerns one virtual router, or everything. */
export function eventFilter(name: string | undefined): (event: AgentEvent) => AgentEvent | undefined {
  return event => {
    if (name === undefined) return event
    switch (event.type) {
      case 'snapshot':
        return {...event, routers: event.routers.filter(router => router.name === name)}
      case 'router':
        return event.router.name === name ? event : undefined
      case 'journal':
        return event.record.instance === name ? event : undefined
      case 'lost':
        return event
      default:
        return unreachable(event)
    }
  }
}
