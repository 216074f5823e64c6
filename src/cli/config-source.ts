import type {ConfigBundle} from '../config/bundle.ts'
import type {LoadedConfig} from '../config/config.ts'
import type {ParseOptions} from '../config/parse.ts'
import {HactlError} from '../errors.ts'

/** A configuration and the name that it was asked for by. */
export interface NamedConfig {
  readonly name: string
  readonly loaded: LoadedConfig
  /** True when it is that of another host: nothing about this host says anything about it. */
  readonly elsewhere: boolean
}

/** Reads what several arguments name, one after the other. Throws `HactlError` when one cannot be read at all. */
export async function readConfigs(names: readonly string[], options: ParseOptions): Promise<readonly NamedConfig[]> {
  if (names.filter(name => name === '-').length > 1) {
    throw new HactlError('USAGE', 'standard input can be read only once', 'name "-" once')
  }
  const nodes: NamedConfig[] = []
  for (const name of names) nodes.push(await readConfig(name, options))
  return nodes
}

/** The most that a bundle of files or standard input may be. */
const MAX_BYTES = 128 * 1024 * 1024

/**
 * Reads what an argument names: a file, `-` for standard input, or `ssh://[USER@]HOST[:PORT][/PATH]` for the
 * configuration of another host. Throws `HactlError` when it cannot be read at all.
 */
export async function readConfig(name: string, options: ParseOptions = {}): Promise<NamedConfig> {
  if (name === '') throw new HactlError('USAGE', 'the name of a file is empty', 'name a file, or "-"')
  if (isElsewhere(name)) return {name, loaded: await readThere(name, options), elsewhere: true}
  const {loadConfig, loadText} = await import('../config/load.ts')
  if (name !== '-') return {name, loaded: loadConfig(name, options), elsewhere: false}
  return {name: STDIN, loaded: loadText(STDIN, await standardInput(), options), elsewhere: false}
}

/** Whether a name is that of a configuration of another host. */
export const isElsewhere = (name: string): boolean => name.startsWith('ssh://')

/** The name of standard input in findings. */
export const STDIN = 'stdin'

/** Everything on standard input. Throws `HactlError` when it is a terminal or far too much. */
export async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) {
    throw new HactlError('USAGE', 'standard input is a terminal', 'name a file, or send text with: … | hactl …')
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_BYTES)
      throw new HactlError('FAILED', `standard input has more than ${MAX_BYTES} bytes`, 'send less')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function readThere(name: string, options: ParseOptions): Promise<LoadedConfig> {
  const {loadBundle} = await import('../config/bundle.ts')
  return loadBundle(await bundleThere(name), hostOf(name), options)
}

/** The files of the configuration that `ssh://[USER@]HOST[:PORT][/PATH]` names. Throws `HactlError` without them. */
export async function bundleThere(name: string): Promise<ConfigBundle> {
  const host = hostOf(name)
  const path = name.slice(host.length)
  const {runThere} = await import('../control/ssh.ts')
  const {isBundle} = await import('../config/bundle.ts')
  // A HACTL_HOST there would send the question on.
  const words = ['config', 'show', ...(path.length > 1 ? [path] : []), '--files', '--json', '--host=']
  const answer = parsed(await runThere(host, words, {maxBytes: MAX_BYTES}))
  if (isBundle(answer)) return answer
  throw new HactlError('AGENT_VERSION', `the hactl on ${host} sent no configuration`, 'use the same version there')
}

const hostOf = (name: string): string => /^ssh:\/\/[^/]*/.exec(name)?.[0] ?? name

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
