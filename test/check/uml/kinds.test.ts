import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {PROGRAMS, type ProgramName} from './director.ts'
import {rowsOf, rowsOfDocument, writeRows} from './document.ts'
import {KINDS} from './kinds.ts'
import type {KindsAnswer} from './kinds-guest.ts'

/** For trials: HACTL_CHECKERS=keepalived plays without hactl; the document is left alone then. */
const programs = (process.env.HACTL_CHECKERS?.split(',') ?? PROGRAMS) as readonly ProgramName[]
const TIMEOUT_MS = 400_000

labSuite(
  'checkers of each kind, beside keepalived',
  ['uml', 'ip', 'keepalived', 'nginx', 'dnsmasq', 'smtpd', 'socat', 'openssl'],
  () => {
    let answer: KindsAnswer

    beforeAll(async () => {
      const guest = join(import.meta.dirname, 'kinds-guest.ts')
      answer = await runInUml<KindsAnswer>({guest, input: {programs}, timeoutMs: TIMEOUT_MS, memoryMb: 1_024})
    }, TIMEOUT_MS + 10_000)

    it.skipIf(programs.length < 2).each(KINDS.map(({checker}, index) => ({checker, index})))(
      '$checker: the same states in the same order',
      ({index}) => {
        expect(answer.hactl[index]).toEqual(answer.keepalived[index])
        // In at the start, and out at least once later: or nothing was compared.
        expect(answer.hactl[index]?.[0]).not.toEqual([])
        expect(answer.hactl[index]?.flat()).toContain('empty')
      },
    )

    it('is what docs/interop.md says', () => {
      if (process.env.UPDATE === '1' && programs.length === 2) writeRows(answer, programs)
      if (programs.length < 2) console.log(rowsOf(answer, programs).join('\n'))
      else expect(rowsOf(answer, programs)).toEqual(rowsOfDocument())
    })
  },
)
