import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import type {Config} from '../../src/config/config.ts'
import {loadConfig} from '../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from '../config/support.ts'
import {labelsOf} from '../config/verdict.ts'
import type {Host} from '../lab/host.ts'
import {withLab} from '../lab/lab.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {type Effective, effectiveOfConfig, effectiveOfDump} from './keepalived-dump.ts'

const SAMPLE = 50
const AT_ONCE = 5

/** Configurations with virtual routers that keepalived loads whole, spread over all there are. */
function sample(): readonly string[] {
  const loadable = ['wild', 'devel'].flatMap(folder =>
    labelsOf(folder).flatMap(({path, exit, complaints}) => {
      if (exit === '5' || exit === '2' || exit === '4' || exit.length > 1 || complaints.length > 0) return []
      const {config} = loadConfig(CORPUS + path, {configId: 'vm'})
      const usual = config.instances.length > 0 && !/net_namespace|^@/m.test(readFileSync(CORPUS + path, 'utf8'))
      return usual ? [path] : []
    }),
  )
  const step = Math.max(1, Math.floor(loadable.length / SAMPLE))
  return loadable.filter((_, i) => i % step === 0).slice(0, SAMPLE)
}

function interfacesOf({instances}: Config): readonly string[] {
  const named = instances.flatMap(({interface: device, vips, excludedVips, trackInterfaces}) => [
    device,
    ...[...vips, ...excludedVips].map(vip => vip.device),
    ...trackInterfaces.map(({name}) => name),
  ])
  return [...new Set(named.filter(name => name !== undefined && name !== 'lo'))] as readonly string[]
}

/** What keepalived says of the virtual routers of a file, on a host that has the interfaces named in it. */
async function dumpOf(host: Host, path: string, config: Config): Promise<ReadonlyMap<string, Effective>> {
  const script = interfacesOf(config)
    .map(
      (name, i) =>
        `ip link add ${name} type veth peer name zz${i}; ip link set zz${i} up; ip link set ${name} up; ` +
        `ip addr add 198.18.${i}.1/24 dev ${name}`,
    )
    .join('\n')
  await host.run(['sh', '-c', `ip link set lo up\n${script}\ntrue`])
  const pidFiles = ['-p', '/run/keepalived.pid', '-r', '/run/vrrp.pid']
  const command = ['keepalived', '-n', '-l', '-G', '-P', '-i', 'vm', '-f', CORPUS + path, ...pidFiles]
  const process_ = await host.start(['env', `TMPDIR=${host.directory}`, ...command])
  const file = join(host.directory, 'keepalived.data')
  await process_.waitForOutput(/Entering (BACKUP|FAULT|MASTER) STATE|Startup complete/)
  process_.signal('SIGUSR1')
  let text = ''
  await until(
    () => `the dump of ${path}: ${process_.describe()}`,
    () => {
      try {
        text = readFileSync(file, 'utf8')
      } catch {
        return false
      }
      return text.includes('< Interfaces >')
    },
    {timeoutMs: 10_000},
  )
  await process_.stop()
  return effectiveOfDump(text)
}

labSuite('what keepalived makes of a configuration', ['ip', 'keepalived'], () => {
  describe.skipIf(!hasCorpus)(corpusName('of the corpus'), () => {
    it(`is what hactl makes of it, for ${SAMPLE} files`, {timeout: 180_000}, async () => {
      const waiting = [...sample()]
      expect(waiting.length).toBe(SAMPLE)
      const wrong: unknown[] = []
      const work = async (): Promise<void> => {
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
          const {config} = loadConfig(CORPUS + path, {configId: 'vm'})
          const theirs = await withLab(async lab => dumpOf(await lab.host('vm'), path as string, config))
          const ours = effectiveOfConfig(config)
          for (const name of new Set([...ours.keys(), ...theirs.keys()])) {
            const differ = differences(theirs.get(name), ours.get(name))
            if (differ.length > 0) wrong.push([path, name, ...differ])
          }
        }
      }
      await Promise.all(Array.from({length: AT_ONCE}, work))
      expect(wrong).toEqual([])
    })
  })
})

function differences(theirs: Effective | undefined, ours: Effective | undefined): readonly string[] {
  if (!theirs || !ours) return [theirs ? 'not in ours' : 'not in theirs']
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap(field => {
    const [a, b] = [JSON.stringify(theirs[field]), JSON.stringify(ours[field])]
    return a === b ? [] : [`${field}: ${a} in theirs, ${b} in ours`]
  })
}
