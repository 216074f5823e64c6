import {execFileSync} from 'node:child_process'
import {diffRules, removeAll} from '../../../src/core/ipvs/diff.ts'
import type {ServiceRules} from '../../../src/core/ipvs/model.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {guest} from '../../lab/uml/guest.ts'

/** What became of rules in the kernel. */
export interface DiffAnswer {
  readonly changes: number
  /** Refused changes, and rules that were not as they were to be. */
  readonly wrong: readonly string[]
  /** How often each change was made. */
  readonly counts: {readonly [type: string]: number}
}

/** From each of the rules to the next, without a flush between them. */
guest(async (rounds: readonly (readonly ServiceRules[])[]): Promise<DiffAnswer> => {
  const counts: {[type: string]: number} = {}
  const wrong: string[] = []
  let made = 0
  const ipvs = await Ipvs.open()
  execFileSync('ipvsadm', ['-C'])
  for (const [round, wanted] of rounds.entries()) {
    const changes = diffRules({wanted, actual: await ipvs.services(), mayRemove: removeAll})
    const results = await ipvs.change(changes)
    for (const [i, change] of changes.entries()) {
      counts[change.type] = (counts[change.type] ?? 0) + 1
      const result = results[i]
      if (!result?.ok) wrong.push(`round ${round}: ${JSON.stringify(change)}: ${result?.reason}`)
    }
    made += changes.length
    const left = diffRules({wanted, actual: await ipvs.services(), mayRemove: removeAll})
    for (const change of left) wrong.push(`round ${round} left: ${JSON.stringify(change)}`)
  }
  ipvs.close()
  return {changes: made, wrong: wrong.slice(0, 20), counts}
})
