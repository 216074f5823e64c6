import {errorText, HactlError} from '../../errors.ts'
import type {CheckAnswer, CheckCallName} from '../channel.ts'

/** Answers one call of the supervisor; what fails is an answer too. */
export async function answerCall(
  {n, name, input}: {readonly n: number; readonly name: CheckCallName; readonly input: object},
  call: (name: CheckCallName, input: object) => Promise<unknown>,
): Promise<CheckAnswer> {
  try {
    return {type: 'answer', n, ok: true, result: await call(name, input)}
  } catch (error) {
    if (error instanceof HactlError) {
      const {code, message, hint} = error
      return {type: 'answer', n, ok: false, code, message, hint}
    }
    return {type: 'answer', n, ok: false, code: 'FAILED', message: errorText(error), hint: undefined}
  }
}
