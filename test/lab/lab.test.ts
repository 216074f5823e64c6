import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, existsSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {build} from 'esbuild'
import {afterEach, expect, it} from 'vitest'
import {gapsMs, quantile} from './capture.ts'
import {crash, startKeepalived, stopGracefully} from './daemon.ts'
import {takeoverMs} from './formula.ts'
import {createLab, type Lab} from './lab.ts'
import {labSuite} from './lab-suite.ts'
import {startNginx} from './nginx.ts'
import {createPair, pairConfig, startMember, V3_FAST, VIP, WORSE_PRIORITY} from './pair.ts'
import {isRunning} from './proc.ts'
import {sleep, until} from './wait.ts'

const open: Lab[] = []
const newLab = async (): Promise<Lab> => {
  const lab = await createLab()
  open.push(lab)
  return lab
}
afterEach(async () => {
  for (const lab of open.splice(0)) await lab.close()
})

labSuite('a lab', ['ip', 'ping'], () => {
  it('connects hosts by segments, cuts their links both ways and restores them', async () => {
    const lab = await newLab()
    const segment = await lab.segment()
    const [a, b] = [await lab.host('a'), await lab.host('b')]
    const link = await a.attach(segment, {interface: 'ens33', address: '10.1.0.1/24'})
    await b.attach(segment, {interface: 'ens33', address: '10.1.0.2/24'})
    const reaches = async (): Promise<boolean> =>
      (await b.run(['ping', '-c', '1', '-W', '0.5', '10.1.0.1'], {check: false})).code === 0
    const carrier = async (): Promise<string> => (await a.run(['cat', '/sys/class/net/ens33/carrier'])).stdout.trim()

    expect(a.holds('10.1.0.1')).toBe(true)
    expect(a.holds('10.1.0.2')).toBe(false)
    expect(await reaches()).toBe(true)
    await link.cut()
    expect([await reaches(), await carrier()]).toEqual([false, '0'])
    await link.restore()
    expect([await reaches(), await carrier()]).toEqual([true, '1'])
    await link.cutSilently()
    expect([await reaches(), await carrier()]).toEqual([false, '1'])
    await link.restore()
    expect(await reaches()).toBe(true)
  })

  it('gives each host its own /etc/keepalived, /run and process numbers', async () => {
    const lab = await newLab()
    const [a, b] = [await lab.host('a'), await lab.host('b')]
    a.writeFile('/etc/keepalived/check.sh', '#!/bin/sh\necho a\n', {mode: 0o755})
    b.writeFile('/etc/keepalived/check.sh', '#!/bin/sh\necho b\n', {mode: 0o755})
    a.writeFile('/run/only-here', '')
    expect((await a.run(['/etc/keepalived/check.sh'])).stdout).toBe('a\n')
    expect((await b.run(['/etc/keepalived/check.sh'])).stdout).toBe('b\n')
    expect(b.hasFile('/run/only-here')).toBe(false)
    expect((await a.run(['readlink', '/proc/self'])).stdout.length).toBeLessThan(4)
    expect((await a.run(['head', '-c1', '/etc/passwd'])).stdout).not.toBe('')
  })

  it('signals the program itself, collects its output and bounds its time', async () => {
    const lab = await newLab()
    const host = await lab.host('a')
    const program = await host.start([
      'sh',
      '-c',
      'trap "echo bye; exit 3" TERM; echo up; while :; do sleep 0.05; done',
    ])
    await program.waitForOutput(/up/)
    expect(await program.stop()).toEqual({code: 3, signal: null})
    expect(program.stdout).toBe('up\nbye\n')
    await expect(host.run(['false'])).rejects.toThrow(/false failed: exit 1/)
    await expect(host.run(['sleep', '60'], {timeoutMs: 200})).rejects.toThrow(/longer than 200 ms/)
    const stubborn = await host.start(['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.05; done'])
    await stubborn.waitForOutput(/up/)
    await expect(stubborn.stop({timeoutMs: 200})).rejects.toThrow(/did not leave within 200 ms/)
    expect(stubborn.exit?.signal).toBe('SIGKILL')
  })

  it('stops a program and lets it go on', async () => {
    const lab = await newLab()
    const host = await lab.host('a')
    const program = await host.start(['sh', '-c', 'while :; do echo .; sleep 0.01; done'])
    await program.waitForOutput(/\.\n\./)
    program.signal('SIGSTOP')
    await sleep(50)
    const stoppedAt = program.stdout.length
    await sleep(150)
    expect(program.stdout.length).toBe(stoppedAt)
    program.signal('SIGCONT')
    await until('the program to go on', () => program.stdout.length > stoppedAt, {timeoutMs: 2_000})
    await program.crash()
    expect(program.tree()).toEqual([])
  })

  it('leaves nothing running when it is closed', async () => {
    const lab = await newLab()
    const host = await lab.host('a')
    const {pid} = await host.start(['sleep', '1000'])
    await lab.close()
    expect(isRunning(pid)).toBe(false)
    expect(existsSync(lab.directory)).toBe(false)
  })

  it('leaves nothing running when its owner is killed, and the next lab sweeps its folder', async () => {
    const owner = await startOwner([])
    const {sleeper, directory} = owner.lab
    expect(isRunning(sleeper)).toBe(true)
    owner.process.kill('SIGKILL')
    // Without a turn of the event loop, so that the owner is still in the process table: nobody has asked for its code.
    for (let turn = 0; isRunning(sleeper) && turn < 500; turn++)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    expect(isRunning(sleeper)).toBe(false)
    expect(existsSync(directory)).toBe(true)
    await newLab()
    expect(existsSync(directory)).toBe(false)
  })

  it.skipIf(process.getuid?.() !== 0 || !mayUseUserNamespaces())('works for an ordinary user', async () => {
    const owner = await startOwner(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'])
    expect(owner.lab.answered).toBe(true)
    owner.process.stdin?.end()
    const [code] = await once(owner.process, 'exit')
    expect(code).toBe(0)
    expect(existsSync(owner.lab.directory)).toBe(false)
  })
})

labSuite('web servers in a lab', ['ip', 'nginx'], () => {
  it('starts nginx on two hosts at once', async () => {
    const lab = await newLab()
    const segment = await lab.segment()
    const [a, b] = [await lab.host('a'), await lab.host('b')]
    await a.attach(segment, {interface: 'eth0', address: '10.1.0.1/24'})
    await b.attach(segment, {interface: 'eth0', address: '10.1.0.2/24'})
    await Promise.all([startNginx(a), startNginx(b)])
    const get = `fetch('http://10.1.0.2/').then(async r => console.log(await r.text()))`
    expect((await a.run([process.execPath, '-e', get])).stdout.trim()).toBe('b')
  })
})

labSuite('keepalived beside keepalived', ['ip', 'keepalived', 'ping'], () => {
  it('takes over by the formula, as the capture sees it', {timeout: 30_000}, async () => {
    const pair = await createPair({protocol: V3_FAST, better: 'keepalived', worse: 'keepalived'})
    open.push(pair.lab)
    const {better, worse, capture} = pair
    await Promise.all([startMember(pair, better), startMember(pair, worse)])
    await until('election', () => better.host.holds(VIP) && !worse.host.holds(VIP), {timeoutMs: 5_000})
    await capture.waitForAdvert({source: better.address}, {timeoutMs: 5_000})
    await sleep(1_000)
    if (better.daemon) await crash(better.daemon)
    await until('the takeover', () => worse.host.holds(VIP), {timeoutMs: 5_000})
    await sleep(300)
    await capture.settle()

    const beats = capture.adverts({source: better.address}).map(({atMs}) => atMs)
    expect(quantile(gapsMs(beats), 0.5)).toBeGreaterThan(99)
    // keepalived is late where others keep the processors busy, but none of its advertisements is missed.
    expect(quantile(gapsMs(beats), 0.5)).toBeLessThan(150)
    const last = beats.at(-1) ?? 0
    const first = capture.adverts({source: worse.address, fromMs: last})[0]?.atMs ?? 0
    const excess = first - last - takeoverMs({...V3_FAST, priority: WORSE_PRIORITY})
    expect(excess).toBeGreaterThan(-1)
    expect(excess).toBeLessThan(250)
    expect(capture.gratuitousArps(VIP, {fromMs: first}).length).toBeGreaterThan(0)
    expect(capture.answerTimesMs(VIP, {fromMs: first}).length).toBeGreaterThan(10)
    expect(capture.adverts({source: better.address, priority: 0})).toEqual([])
    if (worse.daemon) await stopGracefully(worse.daemon)
    await capture.settle()
    expect(capture.adverts({source: worse.address, priority: 0}).length).toBe(1)
    await capture.stop()
  })

  it('runs in two hosts with the same paths', async () => {
    const lab = await newLab()
    const segment = await lab.segment()
    for (const name of ['a', 'b']) {
      const host = await lab.host(name)
      await host.attach(segment, {interface: 'eth0', address: `10.1.0.${name === 'a' ? 1 : 2}/24`})
      await startKeepalived(host, {config: pairConfig(V3_FAST, {priority: 100})})
      expect(host.hasFile('/run/keepalived.pid')).toBe(true)
    }
  })
})

interface Owner {
  readonly process: ChildProcess
  readonly lab: {readonly sleeper: number; readonly directory: string; readonly answered: boolean}
}

/** Another process that owns a lab, run by way of this command. */
async function startOwner(through: readonly string[]): Promise<Owner> {
  const directory = mkdtempSync(join(tmpdir(), 'lab-owner-'))
  try {
    chmodSync(directory, 0o755)
    const outfile = join(directory, 'owner.cjs')
    await build({
      entryPoints: [join(import.meta.dirname, 'lab-owner.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      define: {'import.meta.dirname': '__dirname'},
    })
    const [file = '', ...args] = [...through, process.execPath, outfile]
    const owner = spawn(file, args, {stdio: ['pipe', 'pipe', 'inherit'], env: {PATH: process.env.PATH}})
    const [said] = await once(owner.stdout, 'data', {signal: AbortSignal.timeout(10_000)})
    return {process: owner, lab: JSON.parse(String(said))}
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

const mayUseUserNamespaces = (): boolean =>
  spawnSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '-Urn', 'true']).status === 0
