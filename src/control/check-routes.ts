import type {Check, CheckRecord, CheckReply} from './check-model.ts'
import {get, many, one, post} from './route.ts'

/** Which checkers; all of them where nothing is given. */
const WHICH = {
  service: {
    type: 'string',
    doc: 'ADDRESS:PORT/PROTOCOL, fwm/MARK, fwm6/MARK, or the name of the virtual server in the configuration',
  },
  real: {type: 'string', doc: 'ADDRESS:PORT of the real server'},
} as const

/** Everything that concerns checkers. */
export const CHECK_ROUTES = {
  checks: get(
    '/v1/checks',
    {...WHICH, failing: {type: 'boolean', doc: 'only those that count as down, or failed when they ran last'}},
    many<'Check', Check>('Check'),
    'every checker of every real server, and what it found last',
  ),
  checkHistory: get(
    '/v1/checks/history',
    {...WHICH, limit: {type: 'count', doc: 'at most this many, the newest; 100 unless given', max: 10_000}},
    many<'CheckRecord', CheckRecord>('CheckRecord'),
    'what checkers found, oldest first',
  ),
  runChecks: post('/v1/checks/run', WHICH, one<'Checks', CheckReply>('Checks'), 'run checkers of a real server now'),
  pauseChecks: post(
    '/v1/checks/pause',
    {
      ...WHICH,
      reason: {type: 'string', doc: 'what for; it is shown wherever the state is'},
      forSeconds: {type: 'count', doc: 'end it by itself after so many seconds', max: 31_536_000},
    },
    one<'Checks', CheckReply>('Checks'),
    'run checkers no more until told otherwise; what they found last counts on',
  ),
  resumeChecks: post('/v1/checks/resume', WHICH, one<'Checks', CheckReply>('Checks'), 'run checkers again'),
} as const
