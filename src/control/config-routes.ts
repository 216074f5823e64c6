import type {ApplyReply, Trial, TrialEnd} from './config-model.ts'
import {one, post} from './route.ts'

/** A configuration of 10,000 virtual servers with 4 real servers each has about half of it. */
export const MAX_CONFIG_BYTES = 16 * 1024 * 1024

/** The longest that a configuration may be on trial, seconds: a day. */
export const MAX_TRIAL_SECONDS = 86_400

/** Everything that puts another configuration in the place of the one that runs. */
export const CONFIG_ROUTES = {
  applyConfig: {
    ...post(
      '/v1/config/apply',
      {
        text: {type: 'string', doc: 'a configuration, without includes'},
        confirmWithinSeconds: {
          type: 'count',
          doc: 'take it back by itself unless it is confirmed in that time',
          max: MAX_TRIAL_SECONDS,
        },
        force: {type: 'boolean', doc: 'apply what can be applied although it has errors or the file was edited'},
      },
      one<'Apply', ApplyReply>('Apply'),
      'write a configuration to the file of the agent and put it to work, for good or on trial',
    ),
    bodyBytes: MAX_CONFIG_BYTES,
  },
  confirmConfig: post(
    '/v1/config/confirm',
    {id: {type: 'string', doc: 'of the trial'}},
    one<'Trial', Trial>('Trial'),
    'keep the configuration that is on trial',
  ),
  rollbackConfig: post(
    '/v1/config/rollback',
    {id: {type: 'string', doc: 'of the trial'}},
    one<'TrialEnd', TrialEnd>('TrialEnd'),
    'take the configuration that is on trial back: the one before it runs again',
  ),
} as const
