import {beginAction} from './action-dialog.ts'
import {planPause, planReload} from './action-others.ts'
import type {Action} from './action-plan.ts'
import {planDrain, planUndrain, planWeight} from './action-reals.ts'
import {planRelease, planResume, planTakeover} from './action-routers.ts'
import type {Order} from './state.ts'

/** What can be done from the screen, each by a capital letter; help and keys are made of it. */
export const ACTIONS: readonly Action[] = [
  {key: 'T', words: 'takeover: the chosen node, else the best backup, becomes master', plan: planTakeover},
  {key: 'R', words: 'release: the holder is no master until told otherwise', plan: planRelease},
  {key: 'D', words: 'drain: no new connections to a real server, on all nodes', plan: planDrain},
  {
    key: 'U',
    words: 'undo: end a drain, put a disabled real server back; of a virtual router end a release or takeover',
    plan: request => {
      const {type} = request.subject
      return type === 'router' || type === 'problem' ? planResume(request) : planUndrain(request)
    },
  },
  {key: 'W', words: 'weight: another share of new connections for a real server', plan: planWeight},
  {key: 'P', words: 'pause checks of a service or real server, or resume them', plan: planPause},
  {key: 'L', words: 'load: the chosen node reads its configuration again', plan: planReload},
]

/** The same as the screen takes them. */
export const ORDERS: readonly Order[] = ACTIONS.map(action => ({
  key: action.key,
  words: action.words,
  begin: context => beginAction(action, context),
}))
