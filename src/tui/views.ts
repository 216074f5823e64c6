import type {View, ViewId} from './model.ts'
import {AGENT_VIEW} from './views/agent.ts'
import {CHECKS_VIEW} from './views/checks.ts'
import {EVENTS_VIEW} from './views/events.ts'
import {OVERVIEW_VIEW} from './views/overview.ts'
import {PEERS_VIEW} from './views/peers.ts'
import {SERVICES_VIEW} from './views/services.ts'

/** The six views. */
export const VIEWS: {readonly [id in ViewId]: View} = {
  overview: OVERVIEW_VIEW,
  services: SERVICES_VIEW,
  checks: CHECKS_VIEW,
  events: EVENTS_VIEW,
  peers: PEERS_VIEW,
  agent: AGENT_VIEW,
}
