import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {takeoverMs} from '../../lab/formula.ts'
import {labSuite} from '../../lab/lab-suite.ts'
import {repoRoot} from '../../lab/repo-root.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import type {DrPairAnswer} from './dr-pair-guest.ts'

const EXAMPLE = join(repoRoot(), '..', 'shared', 'examples', 'dr-pair')

/** Version 2 with an interval of one second; director 2 has priority 100. */
const TAKEOVER_MS = takeoverMs({version: 2, intervalMs: 1_000, priority: 100})
/** What a loaded machine may add. */
const LATE_MS = 1_000

if (existsSync(EXAMPLE)) {
  labSuite('a pair of directors with direct routing', ['uml', 'ipvsadm', 'nginx'], () => {
    let seen: DrPairAnswer
    beforeAll(async () => {
      const config = (name: string): string => readFileSync(join(EXAMPLE, `${name}.conf`), 'utf8')
      seen = await runInUml({
        guest: join(import.meta.dirname, 'dr-pair-guest.ts'),
        input: {director1: config('director1'), director2: config('director2')},
        timeoutMs: 240_000,
      })
    }, 250_000)

    it('puts what is configured into the tables of both', () => {
      const table = [
        '-A -t 172.16.1.100:80 -s wrr',
        '-a -t 172.16.1.100:80 -r 172.16.1.103:80 -g -w 1',
        '-a -t 172.16.1.100:80 -r 172.16.1.104:80 -g -w 2',
      ]
      for (const text of seen.tables) expect(text.trimEnd().split('\n').sort()).toEqual(table.sort())
      expect(seen.tables).toHaveLength(2)
    })

    it('runs the sync daemon of the master on the master, that of the backup on the backup', () => {
      expect(seen.daemons.map(roles)).toEqual([['master'], ['backup']])
      expect(seen.daemonsAfterwards.map(roles)).toEqual([['backup'], ['master']])
    })

    it('spreads requests 1:2', () => {
      expect(seen.spread).toEqual({node1: 10, node2: 20})
    })

    it.each(['cable', 'killed'] as const)('%s: director 2 takes over in the time of RFC 3768 section 6.1', name => {
      const {tookMs, longestGapMs} = seen[name]
      expect(tookMs).toBeLessThanOrEqual(TAKEOVER_MS + LATE_MS)
      expect(longestGapMs).toBeLessThanOrEqual(TAKEOVER_MS + 2 * LATE_MS)
    })

    it.each(['cableBack', 'killedBack'] as const)('%s: director 1 takes over when it is back', name => {
      expect(seen[name].longestGapMs).toBeLessThanOrEqual(LATE_MS)
    })

    it('lets an established connection go on through all of it', () => {
      const moves = [seen.cable, seen.cableBack, seen.killed, seen.killedBack]
      expect(moves.map(({goesOn}) => goesOn)).toEqual([true, true, true, true])
      expect(seen.unbroken).toBe(true)
    })
  })
} else {
  describe.skip(`a pair of directors with direct routing (skipped: ${EXAMPLE} is not there)`, () => {})
}

/** Which daemons `ipvsadm -L --daemon` shows. */
const roles = (text: string): readonly string[] =>
  [...text.matchAll(/^(master|backup) sync daemon/gm)].map(([, role = '']) => role)
