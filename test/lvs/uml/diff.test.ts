import {join} from 'node:path'
import {expect, it} from 'vitest'
import {anyRules} from '../../core/ipvs/generate.ts'
import {randomFrom} from '../../core/netlink/captures.ts'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import type {DiffAnswer} from './diff-guest.ts'

labSuite('changes from any rules to any others', ['uml', 'ipvsadm'], () => {
  // Schedulers, flags, persistence, engines, methods, tunnels: the kernel edits all of it, so nothing is made anew.
  it('are all taken by the kernel, and leave nothing to change', async () => {
    const random = randomFrom(0x1b5)
    const answer = await runInUml<DiffAnswer>({
      guest: join(import.meta.dirname, 'diff-guest.ts'),
      input: Array.from({length: 150}, () => anyRules(random)),
      timeoutMs: 150_000,
    })
    expect(answer.wrong).toEqual([])
    expect(answer.changes).toBeGreaterThan(1_000)
    expect(Object.keys(answer.counts)).toHaveLength(6)
  }, 160_000)
})
