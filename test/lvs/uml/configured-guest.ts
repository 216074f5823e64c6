import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'
import {ipvsServicesOf} from '../../../src/config/ipvs-services.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {diffRules, removeAll} from '../../../src/core/ipvs/diff.ts'
import {rulesOf, wantedServices} from '../../../src/core/ipvs/overrides.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {guest} from '../../lab/uml/guest.ts'

/** What IPVS has by one configuration. */
export interface ConfiguredAnswer {
  /** What `ipvsadm -S -n` prints while keepalived runs. */
  readonly keepalived: readonly string[]
  /** The same after our changes to an empty table. */
  readonly ours: readonly string[]
  /** What the kernel refused of them. */
  readonly refused: readonly string[]
}

/** One keepalived in a network namespace of its own, which has an IPVS of its own. */
interface Keepalived {
  readonly process: ChildProcess
  readonly ended: Promise<unknown>
}

function startKeepalived(text: string, index: number): Keepalived {
  const path = `/tmp/configured-${index}`
  writeFileSync(`${path}.conf`, text)
  const options = ['-n', '-l', '-C', '-f', `${path}.conf`, '-p', `${path}.pid`, '-c', `${path}-checkers.pid`]
  // Without any local address the kernel takes every address for one that is not a host's.
  const script = 'ip link set lo up && exec keepalived "$@"'
  const process = spawn('unshare', ['-n', 'sh', '-c', script, 'sh', ...options], {stdio: 'ignore'})
  return {process, ended: new Promise(resolve => process.once('exit', resolve))}
}

const lines = (text: string): readonly string[] => text.split('\n').filter(line => line !== '')

const saved = (): readonly string[] => lines(execFileSync('ipvsadm', ['-S', '-n'], {encoding: 'utf8'}))

const savedBy = ({process: {pid}}: Keepalived): readonly string[] =>
  lines(execFileSync('nsenter', ['-n', '-t', String(pid), 'ipvsadm', '-S', '-n'], {encoding: 'utf8'}))

/** keepalived has nothing to say when it is done: the tables are taken when they have been the same for a while. */
async function keepalivedMakes(texts: readonly string[]): Promise<readonly (readonly string[])[]> {
  const running = texts.map(startKeepalived)
  await sleep(2_000)
  try {
    let [same, last] = [0, running.map(savedBy)]
    while (same < 4) {
      await sleep(300)
      const now = running.map(savedBy)
      same = JSON.stringify(now) === JSON.stringify(last) ? same + 1 : 0
      last = now
    }
    return last
  } finally {
    for (const {process} of running) process.kill()
    await Promise.all(running.map(({ended}) => ended))
  }
}

async function weMake(text: string): Promise<Pick<ConfiguredAnswer, 'ours' | 'refused'>> {
  const {config} = parseConfig({file: 'a.conf', text, configId: 'here'}, () => ({files: [], problems: []}))
  const wanted = rulesOf(wantedServices(ipvsServicesOf(config).services, []))
  const ipvs = await Ipvs.open()
  try {
    const changes = diffRules({wanted, actual: await ipvs.services(), mayRemove: removeAll})
    const results = await ipvs.change(changes)
    const refused = results.flatMap(result => (result.ok ? [] : [result.reason]))
    return {ours: saved(), refused}
  } finally {
    ipvs.close()
    await flushed()
  }
}

async function flushed(): Promise<void> {
  execFileSync('ipvsadm', ['-C'])
  if (saved().length > 0) throw new Error('the table is not empty')
}

guest(async (texts: readonly string[]): Promise<readonly ConfiguredAnswer[]> => {
  const theirs = await keepalivedMakes(texts)
  const answers: ConfiguredAnswer[] = []
  for (const [i, text] of texts.entries()) answers.push({keepalived: theirs[i] ?? [], ...(await weMake(text))})
  return answers
})
