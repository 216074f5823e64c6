import {execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {type PeerName, peer} from '../lab/peers.ts'

/** How a child ended, and what it printed as JSON on its last line of output. */
export interface ChildResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly output: unknown
}

/** Why namespaces cannot be used here, or undefined where they can. */
export const namespacesUnavailable: string | undefined = whyNot()

/** Why namespaces cannot be used here together with these programs, or undefined where they can. */
export const unavailableWith = (...names: readonly PeerName[]): string | undefined =>
  namespacesUnavailable ?? names.map(peer).find(found => !found.ok)?.reason

/**
 * Runs a program of `children/` in a fresh network namespace. It finds an interface `ha0` with 192.0.2.1/24 there,
 * whose other end is `pe0` with 192.0.2.2/24 in the namespace that the environment variable PEER names. It is a process
 * of its own, since raw-socket works in the main thread only. Nothing is left over, however it ends.
 */
export async function runInNamespace(childName: string, args: readonly string[] = []): Promise<ChildResult> {
  const name = `hactl-${process.pid}-${Date.now().toString(36)}-${++used}`
  const other = `${name}-peer`
  const directory = mkdtempSync(join(tmpdir(), 'hactl-kernel-'))
  try {
    const script = join(directory, `${basename(childName, '.ts')}.cjs`)
    await bundle(childName, script)
    for (const namespace of [name, other]) ip('netns', 'add', namespace)
    ip('-n', name, 'link', 'add', 'ha0', 'type', 'veth', 'peer', 'name', 'pe0', 'netns', other)
    for (const [namespace, link, address] of [
      [name, 'ha0', '192.0.2.1/24'],
      [other, 'pe0', '192.0.2.2/24'],
    ] as const) {
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
      ip('-n', namespace, 'addr', 'add', address, 'dev', link)
      ip('-n', namespace, 'link', 'set', link, 'up')
    }
    return await run(['netns', 'exec', name, process.execPath, script, ...args], other)
  } finally {
    for (const namespace of [name, other]) endNamespace(namespace)
    rmSync(directory, {recursive: true, force: true})
  }
}

let used = 0

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TIMEOUT_MS = 60_000

function ip(...args: string[]): string {
  return execFileSync('ip', args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})
}

const bundle = (childName: string, outfile: string) =>
  build({
    entryPoints: [join(ROOT, 'test/kernel/children', childName)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  })

function run(args: readonly string[], peer: string): Promise<ChildResult> {
  return new Promise((resolve, reject) => {
    const env = {...process.env, PEER: peer, NODE_PATH: join(ROOT, 'node_modules')}
    const child = spawn('ip', args, {env, stdio: ['ignore', 'pipe', 'pipe']})
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => errors.push(bytes))
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      const stderr = Buffer.concat(errors).toString()
      const last = Buffer.concat(output).toString().trimEnd().split('\n').at(-1) ?? ''
      resolve({code, signal, stderr, output: readJson(last)})
    })
  })
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What a child started there and did not end, such as a tcpdump, goes with the namespace. */
function endNamespace(namespace: string): void {
  try {
    for (const pid of ip('netns', 'pids', namespace).split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
  try {
    ip('netns', 'del', namespace)
  } catch {
    // It was never made.
  }
}

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root for network namespaces'
  const probe = `hactl-${process.pid}-probe`
  try {
    ip('netns', 'add', probe)
    ip('netns', 'del', probe)
    return undefined
  } catch {
    return 'needs ip netns (iproute2, CAP_SYS_ADMIN)'
  }
}
