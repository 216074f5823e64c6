import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from '../config/support.ts'
import {labelsOf} from '../config/verdict.ts'
import {withLab} from '../lab/lab.ts'
import type {LabProcess} from '../lab/lab-process.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {IPVS_ANSWERS, lvsOfConfig, lvsOfDump} from './lvs-dump.ts'

const SAMPLE = 50

/** Configurations with virtual servers that keepalived loads whole, spread over all there are. */
function sample(): readonly string[] {
  const loadable = ['wild', 'devel', 'probes'].flatMap(folder =>
    labelsOf(folder).flatMap(({path, exit, complaints}) => {
      if (exit !== '0' || complaints.length > 0) return []
      const {config, diagnostics} = loadConfig(CORPUS + path, {configId: 'vm'})
      // Programs are absent here, names of marks and tunnels are dumped in many ways, and namespaces do not exist.
      const odd = /net_namespace|MISC_CHECK|BFD_CHECK|FILE_CHECK|TUN|_RANDOM|^@/m.test(
        readFileSync(CORPUS + path, 'utf8'),
      )
      return config.virtualServers.length > 0 && !odd && diagnostics.every(({severity}) => severity !== 'error')
        ? [path]
        : []
    }),
  )
  const step = Math.max(1, Math.floor(loadable.length / SAMPLE))
  return loadable.filter((_, i) => i % step === 0).slice(0, SAMPLE)
}

/** What a program has said once it says no more. */
async function settledOutput(running: LabProcess): Promise<string> {
  for (let before = -1; before !== running.stdout.length + running.stderr.length; ) {
    before = running.stdout.length + running.stderr.length
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return running.stdout + running.stderr
}

labSuite('what keepalived makes of virtual servers', ['ip', 'keepalived'], () => {
  describe.skipIf(!hasCorpus)(corpusName('of the corpus'), () => {
    it(`is what hactl makes of them, for ${SAMPLE} files`, {timeout: 180_000}, async () => {
      const paths = sample()
      expect(paths.length).toBe(SAMPLE)
      const wrong: unknown[] = []
      await withLab(async lab => {
        const host = await lab.host('vm')
        const library = join(host.directory, 'answers.so')
        writeFileSync(join(host.directory, 'answers.c'), IPVS_ANSWERS)
        await host.run(['cc', '-shared', '-fPIC', '-o', library, join(host.directory, 'answers.c')])
        await host.run([
          'sh',
          '-c',
          'ip link set lo up; ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up',
        ])
        for (const path of paths) {
          const pidFiles = ['-p', join(host.directory, 'main.pid'), '-c', join(host.directory, 'checkers.pid')]
          const command = ['keepalived', '-n', '-l', '-d', '-C', '-i', 'vm', '-f', CORPUS + path, ...pidFiles]
          const running = await host.start(['env', `LD_PRELOAD=${library}`, ...command])
          await running.waitForOutput(/< LVS Topology >/)
          const theirs = lvsOfDump(await settledOutput(running))
          await running.crash()
          const ours = lvsOfConfig(loadConfig(CORPUS + path, {configId: 'vm'}).config)
          const at = ours.findIndex((line, i) => line !== theirs[i])
          if (at >= 0 || ours.length !== theirs.length) wrong.push([path, at, theirs[at], ours[at]])
        }
      })
      expect(wrong).toEqual([])
    })
  })
})
