import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, isAbsolute, join, resolve} from 'node:path'
import type {Target} from '../control/dial.ts'
import {errorText, HactlError} from '../errors.ts'
import type {NodeAddress} from '../watch/model.ts'
import {nodeAddresses} from '../watch/node-address.ts'

/** Sets of nodes by name, and which of them commands are about unless told otherwise. */
export interface Contexts {
  readonly current: string | null
  /** Each node as it was given: `local`, `ssh://root@lb1`, `unix:/run/hactl/agent.sock`. */
  readonly nodes: ReadonlyMap<string, readonly string[]>
}

/** What the flags of a command say of whom to ask. */
export interface TargetFlags {
  readonly socket?: string | undefined
  readonly host?: string | undefined
  readonly context?: string | undefined
}

/** The same of a command about several nodes. */
export interface NodeFlags extends TargetFlags {
  readonly node?: readonly string[] | undefined
}

/** Far above what anybody writes. */
const MAX_FILE_BYTES = 1024 * 1024

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

/** Throws USAGE for what is no name of a context: a letter or digit, then 63 of them, dots, dashes and underscores. */
export function requireContextName(name: string): void {
  if (NAME.test(name)) return
  const message = `${JSON.stringify(name.slice(0, 80))} is no name for a context`
  throw new HactlError('USAGE', message, 'letters, digits, dots, dashes and underscores, at most 64, a letter first')
}

/**
 * The file of contexts: `$XDG_CONFIG_HOME/hactl/contexts.json`, below `~/.config` where that is not set or not absolute
 * (XDG Base Directory Specification 0.8); undefined for a user who has no home.
 */
export function contextsFile(): string | undefined {
  const {XDG_CONFIG_HOME: given} = process.env
  if (given !== undefined && isAbsolute(given)) return join(given, 'hactl', 'contexts.json')
  try {
    return join(homedir(), '.config', 'hactl', 'contexts.json')
  } catch {
    return undefined
  }
}

/** Reads the contexts; none where there is no file. Throws FAILED for a file that cannot be read or is damaged. */
export function readContexts(): Contexts {
  const path = contextsFile()
  const text = path === undefined ? undefined : textOf(path)
  if (text === undefined) return {current: null, nodes: new Map()}
  const contexts = text.length > MAX_FILE_BYTES ? undefined : contextsIn(parsed(text))
  if (contexts !== undefined) return contexts
  throw new HactlError(
    'FAILED',
    `the file of contexts is damaged: ${path}`,
    'mend it or delete it; until then: --host=',
  )
}

/** Writes the contexts to a new file, for this user alone, and puts it in place. Throws FAILED when it cannot. */
export function writeContexts({current, nodes}: Contexts): void {
  const path = contextsFile()
  if (path === undefined) throw new HactlError('FAILED', 'this user has no home', 'set XDG_CONFIG_HOME')
  const contexts = Object.fromEntries([...nodes].map(([name, given]) => [name, {nodes: given}]))
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    replace(targetOfLink(path), `${JSON.stringify({current, contexts}, null, 2)}\n`)
  } catch (error) {
    throw new HactlError('FAILED', `${path} cannot be written: ${errorText(error)}`, undefined, {cause: error})
  }
}

/** The nodes of a context. Throws NOT_FOUND. */
export function nodesOfContext({nodes}: Contexts, name: string): readonly string[] {
  const given = nodes.get(name)
  if (given !== undefined) return given
  const hint =
    nodes.size === 0 ? 'there are none; see: hactl context add --help' : `there is ${[...nodes.keys()].join(', ')}`
  throw new HactlError('NOT_FOUND', `no context ${name.slice(0, 80)}`, hint)
}

/**
 * The agent that flags name: by `--socket` and `--host`, else the first node of `--context`, else that of the current
 * context, else the agent of this host. An empty `--socket=` or `--host=` is this host, whatever the context. Throws
 * `HactlError`.
 */
export function targetOf(flags: TargetFlags): Target {
  const named = namedTarget(flags)
  if (named !== undefined) return named
  const contexts = readContexts()
  const name = flags.context ?? contexts.current
  if (name === null) return {}
  const [first] = addressesOf(contexts, name)
  if (first === undefined) return {}
  noteTarget(name, first)
  return first.target
}

/**
 * The nodes that flags name: those of `--node`, else of `--context`, else the one of `--socket` and `--host`, else
 * those of the current context, else this host. Throws `HactlError`.
 */
export function nodesOf(flags: NodeFlags): readonly NodeAddress[] {
  const {node = [], context} = flags
  if (node.length > 0) {
    if (context !== undefined) throw new HactlError('USAGE', '--node and --context both name nodes', 'leave out one')
    return nodeAddresses(node)
  }
  const named = namedTarget(flags)
  if (named !== undefined) return nodeAddresses([givenText(named)]).map(address => ({...address, target: named}))
  const contexts = readContexts()
  const name = context ?? contexts.current
  return name === null ? nodeAddresses(['local']) : addressesOf(contexts, name)
}

/** What `--socket` and `--host` name; undefined where neither is given, or only the environment has them. */
function namedTarget({socket, host, context}: TargetFlags): NodeAddress['target'] | undefined {
  if (context !== undefined) {
    const other = isTyped(host, 'HACTL_HOST') ? '--host' : isTyped(socket, 'HACTL_SOCKET') ? '--socket' : undefined
    if (other === undefined) return undefined
    throw new HactlError('USAGE', `--context and ${other} both name an agent`, 'leave out one')
  }
  if (socket === undefined && host === undefined) return undefined
  return {...(socket && {socket}), ...(host && {host})}
}

/** Whether a flag was given on the command line, and not by the environment. */
const isTyped = (value: string | undefined, variable: string): boolean =>
  value !== undefined && value !== process.env[variable]

const givenText = ({socket, host}: Target): string =>
  host ?? (socket === undefined ? 'local' : `unix:${resolve(socket)}`)

function addressesOf(contexts: Contexts, name: string): readonly NodeAddress[] {
  const given = nodesOfContext(contexts, name)
  try {
    return nodeAddresses(given)
  } catch (error) {
    const message = `context ${name}: ${errorText(error)}`
    throw new HactlError('FAILED', message, `correct it with: hactl context add ${name} NODE...`, {cause: error})
  }
}

/** Whoever types an order on one host must see that another one gets it. */
function noteTarget(name: string, {given}: NodeAddress): void {
  if (given !== 'local' && process.stderr.isTTY === true) process.stderr.write(`hactl: context ${name}: ${given}\n`)
}

/** Where one of these is the reason, this user has no contexts; what others keep to themselves is not this user's. */
const NONE_THERE = new Set(['ENOENT', 'ENOTDIR', 'EACCES'])

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (NONE_THERE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new HactlError('FAILED', `the contexts cannot be read: ${errorText(error)}`, undefined, {cause: error})
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a file of contexts says; undefined for one that is not as `writeContexts` leaves it. */
function contextsIn(value: unknown): Contexts | undefined {
  if (!isObject(value) || !isObject(value.contexts)) return undefined
  const nodes = new Map<string, readonly string[]>()
  for (const [name, context] of Object.entries(value.contexts)) {
    if (!NAME.test(name) || !isObject(context)) return undefined
    const given = context.nodes
    if (!Array.isArray(given) || given.length === 0 || !given.every(node => typeof node === 'string')) return undefined
    nodes.set(name, given)
  }
  const {current = null} = value
  if (current === null) return {current, nodes}
  return typeof current === 'string' && nodes.has(current) ? {current, nodes} : undefined
}

const isObject = (value: unknown): value is {readonly [name: string]: unknown} =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where a symbolic link leads, such as one into a repository of settings: the link stays. */
function targetOfLink(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function replace(path: string, text: string): void {
  const fresh = `${path}.${process.pid}.new`
  try {
    const file = openSync(fresh, 'w', 0o600)
    try {
      // One that was left over has its own mode.
      chmodSync(fresh, 0o600)
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(fresh, path)
  } catch (error) {
    rmSync(fresh, {force: true})
    throw error
  }
}
