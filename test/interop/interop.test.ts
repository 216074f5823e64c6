import {afterAll, beforeAll, it} from 'vitest'
import type {DaemonName} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {PASS_V2, type PairOptions, protocolName, V3_FAST, V3_SLOW} from '../lab/pair.ts'
import {sleep} from '../lab/wait.ts'
import {playAll, resultTable} from './scenario.ts'
import type {Measured} from './steps.ts'

const ROLES: readonly (readonly [DaemonName, DaemonName])[] = [
  ['hactl', 'keepalived'],
  ['keepalived', 'hactl'],
  ['hactl', 'hactl'],
]
/** Slowest first: all of them play at once, and mostly wait. The longest takes about 45 s. */
const PLAYS: readonly PairOptions[] = [PASS_V2, V3_SLOW, V3_FAST].flatMap(protocol =>
  ROLES.map(([better, worse]) => ({protocol, better, worse})),
)
/** Starting daemons is what costs: not all in the same moment. */
const STAGGER_MS = 1_000
const TIMEOUT_MS = 120_000

labSuite('one address, two programs', ['ip', 'keepalived', 'ping'], () => {
  const played = new Map<PairOptions, Promise<readonly Measured[]>>()
  const tables: string[] = []

  beforeAll(() => {
    for (const [i, options] of PLAYS.entries()) {
      const playing = sleep(i * STAGGER_MS).then(() => playAll(options))
      // The test that waits for it reports what went wrong.
      playing.catch(() => {})
      played.set(options, playing)
    }
  })
  afterAll(() => console.log(tables.join('\n')))

  for (const options of PLAYS) {
    const name = `${protocolName(options.protocol)}: ${options.better} the better node, ${options.worse} the worse`
    it(name, {timeout: TIMEOUT_MS}, async () => {
      tables.push(resultTable(name, (await played.get(options)) ?? []))
    })
  }
})
