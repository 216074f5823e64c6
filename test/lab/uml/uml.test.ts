import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {build} from 'esbuild'
import {expect, it, vi} from 'vitest'
import {labSuite} from '../lab-suite.ts'
import {sweepLeftovers} from '../leftovers.ts'
import {until} from '../wait.ts'
import {bootUml} from './machine.ts'
import {runInUml} from './uml.ts'

/** A loaded machine boots slowly. */
const TEST_TIMEOUT_MS = 180_000

const here = (name: string): string => join(import.meta.dirname, name)

labSuite('User-Mode Linux', ['uml', 'ipvsadm', 'ping'], () => {
  vi.setConfig({testTimeout: TEST_TIMEOUT_MS})

  it('runs a guest with a lab and IPVS in it, and carries its input and its answer', async () => {
    const answer = await runInUml({guest: here('lab-guest.ts'), input: {question: 'why'}})
    expect(answer).toEqual({asked: 'why', packetLoss: '0% packet loss', services: '-A -t 10.1.0.1:80 -s mh\n'})
  })

  it('gives the error of a guest with its stack and what it said', async () => {
    const error = await runInUml({guest: here('wrong-guest.ts'), input: {way: 'throw'}}).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({message: 'no such thing'})
    expect((error as Error).stack).toMatch(/TypeError: no such thing\n.*?wrong-guest\.ts:\d+.*the guest goes wrong/s)
  })

  it('fails with what was said when a guest ends without an answer, and when it takes too long', async () => {
    const run = (way: string, timeoutMs = 60_000): Promise<undefined> =>
      runInUml({guest: here('wrong-guest.ts'), input: {way}, timeoutMs})
    await expect(run('exit')).rejects.toThrow(/ended with 7 and without an answer.*the guest goes wrong/s)
    await expect(run('late')).rejects.toThrow(/nobody listens/)
    await expect(run('halt')).rejects.toThrow(/the machine ended before the program in it/)
    await expect(run('hang', 4_000)).rejects.toThrow(/took too long and was ended/)
    expect(machines(process.pid)).toEqual([])
  })

  it('lets nothing be written but the folder of the job', async () => {
    const script = 'echo kept >kept; for f in / /etc /root /work; do touch $f/not-kept && echo $f; done'
    const {stdout, kept} = await bootUml({files: {}, script}, ({stdout, read}) => ({stdout, kept: read('kept')}))
    expect([stdout, kept]).toEqual(['', 'kept\n'])
  })

  it('leaves no process when the program that runs it is killed', async () => {
    const owner = await startOwner()
    try {
      const isOwners = (name: string): boolean => name.startsWith('hactl-lab-') && name.includes(`-${owner.pid}-`)
      await until(
        'the machine to start',
        () => readdirSync(tmpdir()).some(name => isOwners(name) && hasStarted(name)),
        {
          timeoutMs: 30_000,
        },
      )
      expect(machines(owner.pid).length).toBeGreaterThan(0)
      owner.kill('SIGKILL')
      await once(owner, 'exit')
      await until('its processes to end', () => machines(owner.pid).length === 0, {timeoutMs: 5_000})
      sweepLeftovers()
      expect(readdirSync(tmpdir()).filter(isOwners)).toEqual([])
    } finally {
      owner.kill('SIGKILL')
    }
  })

  it('works for an ordinary user', ({skip}) => {
    if (process.getuid?.() !== 0) skip()
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/']
    const script = 'id -u; ipvsadm -A -t 192.0.2.1:80 && ipvsadm -S -n; exit 3'
    const possible = spawnSync('setpriv', [...nobody, 'unshare', '--user', '--map-root-user', 'ls', here('run.mjs')])
    if (possible.status !== 0) skip()
    const result = spawnSync('setpriv', [...nobody, process.execPath, here('run.mjs'), script], {encoding: 'utf8'})
    expect(result).toMatchObject({status: 3, stdout: '0\n-A -t 192.0.2.1:80 -s wlc\n'})
  })
})

/** Processes of machines that this program runs. */
function machines(owner: number | undefined): readonly string[] {
  const pattern = new RegExp(`linux\\.uml.*hactl-lab-\\d+-${owner}-`)
  return readdirSync('/proc').filter(pid => {
    try {
      return pattern.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      return false
    }
  })
}

const hasStarted = (name: string): boolean => existsSync(join(tmpdir(), name, 'job', 'started'))

async function startOwner() {
  const directory = mkdtempSync(join(tmpdir(), 'uml-owner-'))
  chmodSync(directory, 0o755)
  const outfile = join(directory, 'owner.mjs')
  await build({
    entryPoints: [here('uml-owner.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    define: {'import.meta.dirname': JSON.stringify(import.meta.dirname)},
  })
  const owner = spawn(process.execPath, [outfile], {stdio: 'inherit'})
  owner.once('exit', () => rmSync(directory, {recursive: true, force: true}))
  return owner
}
