import {afterAll, it} from 'vitest'
import type {DaemonName} from '../lab/daemon.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {PASS_V2, protocolName, V3_FAST, V3_SLOW} from '../lab/pair.ts'
import {playAll, resultTable} from './scenario.ts'

const ROLES: readonly (readonly [DaemonName, DaemonName])[] = [
  ['hactl', 'keepalived'],
  ['keepalived', 'hactl'],
  ['hactl', 'hactl'],
]
/** The longest, at intervals of 1 s, takes about 45 s; all of them run at once, each in its own lab. */
const TIMEOUT_MS = 120_000

labSuite('one address, two programs', ['ip', 'keepalived', 'ping', 'tcpdump'], () => {
  const tables: string[] = []
  for (const protocol of [PASS_V2, V3_SLOW, V3_FAST]) {
    for (const [better, worse] of ROLES) {
      const name = `${protocolName(protocol)}: ${better} the better node, ${worse} the worse`
      it.concurrent(name, {timeout: TIMEOUT_MS}, async () => {
        tables.push(resultTable(name, await playAll({protocol, better, worse})))
      })
    }
  }
  afterAll(() => console.log(tables.sort().join('\n')))
})
