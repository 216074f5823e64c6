import {setTimeout as sleep} from 'node:timers/promises'
import type {AgentClient} from '../control/client.ts'
import {HactlError} from '../errors.ts'

/** How often the agent is asked whether it is still there, milliseconds. */
const ASK_EVERY_MS = 50

/** Returns when the agent with this process id answers no more. Throws `HactlError` TIMED_OUT. */
export async function untilGone(
  agent: AgentClient,
  {pid, withinMs}: {readonly pid: number; readonly withinMs: number},
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    if ((await pidThatAnswers(agent)) !== pid) return
    await sleep(ASK_EVERY_MS)
  }
  const hint = 'it is still withdrawing; look at its log'
  throw new HactlError('TIMED_OUT', `the agent (pid ${pid}) was not gone after ${withinMs / 1000} s`, hint)
}

async function pidThatAnswers(agent: AgentClient): Promise<number | undefined> {
  try {
    return (await agent.status()).item.pid
  } catch (error) {
    if (error instanceof HactlError && error.code === 'AGENT_NOT_RUNNING') return undefined
    throw error
  }
}
