import {join} from 'node:path'
import type {JournalEntry} from '../../core/journal/record.ts'
import type {ChildOptions} from './child.ts'
import {log} from './log.ts'

/** What is the same for every child: where it is, and what is told of its death. */
export type CommonChildOptions = Omit<ChildOptions<unknown>, 'nodeOptions' | 'onStarted' | 'onMessage'>

/** Makes the journal tell of a child's ends; `onDied` hears of each before that. */
export function childOptions(
  name: ChildOptions<unknown>['name'],
  {
    note,
    onDied,
  }: {
    readonly note: (kind: JournalEntry['kind'], text: string, facts: JournalEntry['facts']) => void
    readonly onDied?: CommonChildOptions['onDied']
  },
): CommonChildOptions {
  return {
    name,
    modulePath: join(import.meta.dirname, `${name}.cjs`),
    onDied: death => {
      onDied?.(death)
      const {pid, how, ranMs, restartInMs} = death
      const soon = restartInMs > 0 ? `, restarts in ${restartInMs} ms` : ', restarted at once'
      const facts = {process: name, pid, how, ranMs: Math.round(ranMs)}
      note('process-died', `${name} process ${pid} died (${how})${soon}`, facts)
    },
    onStalled: silentMs => {
      const text = `${name} process did not answer for ${Math.round(silentMs)} ms and is killed`
      note('process-stalled', text, {process: name, silentMs: Math.round(silentMs)})
    },
    onOutput: line => log(`${name}: ${line}`),
  }
}
