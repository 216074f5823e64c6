import type {ProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {attempt} from './attempt.ts'
import type {ProbeOptions} from './probe.ts'

/** TCP_CHECK: good when the connection is there; it is closed at once. Never rejects. */
export const probeTcp = (
  {connection}: Extract<ProbePlan, {type: 'tcp'}>,
  options: ProbeOptions,
): Promise<ProbeResult> =>
  attempt(
    {
      connection,
      begin: ({socket, succeed, say}) => {
        socket.once('connect', () => {
          say('connected')
          succeed()
        })
        return undefined
      },
    },
    options,
  )
