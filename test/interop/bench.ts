import {quantile} from '../lab/capture.ts'
import {crash, type DaemonName} from '../lab/daemon.ts'
import {takeoverMs} from '../lab/formula.ts'
import {createPair, type Pair, startMember, V3_FAST, WORSE_PRIORITY} from '../lab/pair.ts'
import {missingForLab} from '../lab/peers.ts'
import {protocolName} from '../lab/role.ts'
import {sleep} from '../lab/wait.ts'

/** How late hactl may take over at 10 cs after a crash, median. */
const MAX_MEDIAN_EXCESS_MS = 5
const DEFAULT_ROUNDS = 20
const PROTOCOL = V3_FAST
const FORMULA_MS = takeoverMs({...PROTOCOL, priority: WORSE_PRIORITY})

/** Who crashes as master and who takes over. */
const CONTENDERS: readonly {readonly better: DaemonName; readonly worse: DaemonName}[] = [
  {better: 'keepalived', worse: 'keepalived'},
  {better: 'keepalived', worse: 'hactl'},
  {better: 'hactl', worse: 'hactl'},
]

/**
 * Crashes a master again and again at 10 cs and measures on the wire how much later than the formula its backup
 * advertises, hactl beside keepalived, taking turns. Exit code 1 when hactl's median is beyond the limit.
 */
export async function benchInterop([rounds]: readonly string[]): Promise<number> {
  const missing = missingForLab(['ip', 'keepalived', 'nft', 'ping'])
  if (missing !== undefined) {
    console.error(`cannot run: ${missing}`)
    return 1
  }
  const pairs: Pair[] = []
  try {
    for (const roles of CONTENDERS) pairs.push(await createPair({protocol: PROTOCOL, ...roles}))
    for (const pair of pairs) await startMember(pair, pair.worse)
    const excesses = pairs.map((): number[] => [])
    for (let round = 0; round < Number(rounds ?? DEFAULT_ROUNDS); round++) {
      for (const [i, pair] of pairs.entries()) excesses[i]?.push(await crashOnce(pair))
    }
    return report(excesses)
  } finally {
    await Promise.all(pairs.map(({lab}) => lab.close()))
  }
}

/** How late the backup was, milliseconds over the formula. */
async function crashOnce(pair: Pair): Promise<number> {
  const {better, worse, capture} = pair
  const startedAtMs = Date.now()
  const daemon = await startMember(pair, better)
  await capture.waitForAdvert({source: better.address, fromMs: startedAtMs}, {timeoutMs: 10_000})
  // The moment of the crash lies anywhere within an interval.
  await sleep(300 + 137 * Math.random())
  const crashedAtMs = Date.now()
  await crash(daemon)
  const first = await capture.waitForAdvert({source: worse.address, fromMs: crashedAtMs}, {timeoutMs: 10_000})
  const last = capture.adverts({source: better.address, toMs: first.atMs}).at(-1)
  return first.atMs - (last?.atMs ?? Number.NaN) - FORMULA_MS
}

function report(excesses: readonly (readonly number[])[]): number {
  const head = `crash takeover, ${protocolName(PROTOCOL)}, formula ${FORMULA_MS.toFixed(1)} ms; excess over it, ms`
  console.log(`${head}\n  ${'master -> backup'.padEnd(28)}  rounds  median     p95     max`)
  let good = true
  for (const [i, {better, worse}] of CONTENDERS.entries()) {
    const values = excesses[i] ?? []
    const numbers = [quantile(values, 0.5), quantile(values, 0.95), Math.max(...values)]
    const columns = numbers.map(value => value.toFixed(2).padStart(8)).join('')
    console.log(`  ${`${better} -> ${worse}`.padEnd(28)}${String(values.length).padStart(8)}${columns}`)
    if (worse === 'hactl') good &&= quantile(values, 0.5) <= MAX_MEDIAN_EXCESS_MS
  }
  console.log(`hactl's median is to be at most ${MAX_MEDIAN_EXCESS_MS} ms: ${good ? 'yes' : 'NO'}`)
  return good ? 0 : 1
}
