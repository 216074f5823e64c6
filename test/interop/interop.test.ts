import {afterAll, describe, expect, it} from 'vitest'
import type {DaemonName} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import type {PairOptions} from '../lab/pair.ts'
import {protocolName} from '../lab/role.ts'
import {readDocument, rowOf, writeDocument} from './document.ts'
import {type Combination, matrixOf, pairsOf} from './matrix.ts'
import {playAll, resultTable} from './scenario.ts'
import type {Measured} from './steps.ts'

/** For trials: HACTL_MATRIX=keepalived,frr plays these with each other; without hactl nothing is compared or written. */
const chosen = process.env.HACTL_MATRIX?.split(',') as readonly DaemonName[] | undefined
const PROGRAMS: readonly DaemonName[] = chosen ?? ['hactl', 'keepalived', 'frr']
const {plays, impossible} = matrixOf(PROGRAMS)
/** The longest takes about 45 s, and may wait for others. */
const TIMEOUT_MS = 120_000

const nameOf = ({protocol, better, worse}: PairOptions): string => `${protocolName(protocol)}: ${better} > ${worse}`

labSuite('one virtual router, two programs', ['ip', 'keepalived', 'nft', 'vrrpd', 'ping'], () => {
  const results = new Map<PairOptions, readonly Measured[]>()

  // As many at once as Vitest has room for (maxConcurrency): they mostly wait.
  describe.concurrent('the first the better node', () => {
    it.each(plays.map(play => [nameOf(play), play] as const))('%s', {timeout: TIMEOUT_MS}, async (_, play) => {
      results.set(play, await playAll(play))
    })
  })

  afterAll(() => {
    const played = plays.flatMap(play => {
      const measured = results.get(play)
      return measured ? [{play, measured}] : []
    })
    console.log(played.map(({play, measured}) => resultTable(nameOf(play), measured)).join('\n'))
  })

  it.skipIf(chosen !== undefined)('is what docs/interop.md says', () => {
    if (process.env.UPDATE === '1') writeDocument(plays, results, impossible)
    expect(plays.map(play => rowOf(play, results.get(play)))).toEqual(readDocument())
  })
})

describe('the matrix', () => {
  it('has every pair of values that is possible, and says of every other why not', () => {
    const {plays, impossible} = matrixOf(['hactl', 'keepalived', 'frr'])
    const played = plays.map(({better, worse, protocol}): Combination => ({...protocol, roles: `${better} > ${worse}`}))
    const pairs = new Set(played.flatMap(pairsOf))
    for (const {values, reason} of impossible) {
      expect(pairs.has(values.join(' & '))).toBe(false)
      expect(reason).not.toBe('')
    }
    // Five pairs of programs, four kinds of authentication, and two values of each of the other five.
    const sizes = [5, 2, 2, 2, 4, 2, 2]
    const all = sizes.flatMap((a, i) => sizes.slice(i + 1).map(b => a * b)).reduce((sum, n) => sum + n)
    expect(pairs.size + impossible.length).toBe(all)
    expect(plays.length).toBeLessThan(25)
  })
})
