import type {AgentHandlers} from '../src/control/routes.ts'

const at = '2026-01-31T08:05:09.123Z'
const TRIAL = {id: 'a1b2c3', since: at, until: '2026-01-31T08:06:09.123Z'}

/** The handlers of configurations that are put to work. */
export type ConfigHandlers = Pick<AgentHandlers, 'applyConfig' | 'confirmConfig' | 'rollbackConfig'>

/** Handlers of a fake agent that takes every configuration and changes nothing. */
export const fakeConfigs: ConfigHandlers = {
  applyConfig: ({confirmWithinSeconds}) => ({
    observedAt: at,
    value: {
      applied: true,
      refused: null,
      diagnostics: [],
      changes: ['VI_1: priority 100 -> 110'],
      trial: confirmWithinSeconds === undefined ? null : TRIAL,
    },
  }),
  confirmConfig: () => ({observedAt: at, value: TRIAL}),
  rollbackConfig: ({id = ''}) => ({observedAt: at, value: {id, changes: [], keptAs: null}}),
}
