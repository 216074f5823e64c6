import {spawnSync} from 'node:child_process'
import {guest} from './guest.ts'

/** Ends in any way that is asked for. */
guest<{way: 'throw' | 'exit' | 'hang' | 'late' | 'halt'}, undefined>(async ({way}) => {
  console.error('the guest goes wrong')
  if (way === 'throw') throw new TypeError('no such thing')
  if (way === 'exit') process.exit(7)
  if (way === 'halt') spawnSync('sh', ['-c', 'echo o >/proc/sysrq-trigger'])
  if (way === 'late') setTimeout(() => void Promise.reject(new Error('nobody listens')), 10)
  await new Promise(resolve => setTimeout(resolve, 600_000))
  return undefined
})
