import {it} from 'vitest'
import {PASS_V2, protocolName, V3_FAST, V3_SLOW} from '../../lab/pair.ts'
import {playAll, resultTable} from '../scenario.ts'
for (const protocol of [V3_FAST])
  it.concurrent(protocolName(protocol), {timeout: 120_000}, async () => {
    console.log(resultTable(protocolName(protocol), await playAll({protocol, better: 'hactl', worse: 'keepalived'})))
  })
