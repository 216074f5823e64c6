import {resolve} from 'node:path'
import type {LoadedConfig} from './config.ts'
import {readInclude, readMain, surroundings} from './load.ts'
import {type ParseOptions, parseConfig} from './parse.ts'
import type {IncludeProblem, IncludeResult, ReadInclude} from './text/source-lines.ts'

/** What one include line brought, for reading it again where the files are not. */
export interface BundledInclude {
  readonly pattern: string
  readonly from: string
  readonly files: readonly string[]
  readonly problems: readonly IncludeProblem[]
  readonly partly: boolean
}

/** A configuration with everything that it includes, to be read on another host. It holds every secret of it. */
export interface ConfigBundle {
  readonly main: string
  readonly configId: string
  /** The variables of the environment that it asks for. */
  readonly environment: {readonly [name: string]: string}
  readonly texts: {readonly [file: string]: string}
  readonly includes: readonly BundledInclude[]
}

/** Reads a configuration and all it includes into one value. Throws `HactlError` when the file cannot be read. */
export function bundleConfig(path: string): ConfigBundle {
  const main = resolve(path)
  const includes: BundledInclude[] = []
  const recording: ReadInclude = (pattern, from, budget) => {
    const result = readInclude(pattern, from, budget)
    const {files, problems, partly = false} = result
    includes.push({pattern, from, files: files.map(({file}) => file), problems, partly})
    return result
  }
  const here = surroundings({})
  const asked = new Map<string, string>()
  const environment = (name: string): string | undefined => {
    const value = here.environment?.(name)
    if (value !== undefined) asked.set(name, value)
    return value
  }
  const {texts} = parseConfig({file: main, text: readMain(main).text, ...here, environment}, recording)
  return {
    main,
    configId: here.configId ?? '',
    environment: Object.fromEntries(asked),
    texts: Object.fromEntries(texts),
    includes,
  }
}

/**
 * Reads a bundle; every file in it is called by `prefix` and its name there, so that the files of several hosts are
 * told apart.
 */
export function loadBundle(bundle: ConfigBundle, prefix: string, options: ParseOptions = {}): LoadedConfig {
  const {main, configId, texts, includes} = bundle
  const brought = new Map(includes.map(include => [key(include.pattern, include.from), include]))
  const there = (name: string): string => name.replaceAll(prefix, '')
  const replay: ReadInclude = (pattern, from): IncludeResult => {
    const include = brought.get(key(there(pattern), there(from)))
    if (!include) return {files: [], problems: []}
    const files = include.files.map(file => ({file: prefix + file, text: texts[file] ?? ''}))
    return {files, problems: include.problems, partly: include.partly}
  }
  const variables = new Map(Object.entries(bundle.environment))
  const source = {
    file: prefix + main,
    text: texts[main] ?? '',
    configId,
    environment: (name: string) => variables.get(name),
  }
  return parseConfig(source, replay, options)
}

/** Whether something that another host sent has the shape of a bundle. */
export function isBundle(value: unknown): value is ConfigBundle {
  if (typeof value !== 'object' || value === null) return false
  const {main, configId, environment, texts, includes} = value as Partial<ConfigBundle>
  return (
    typeof main === 'string' &&
    typeof configId === 'string' &&
    isTexts(environment) &&
    isTexts(texts) &&
    Array.isArray(includes) &&
    includes.every(isInclude)
  )
}

const isTexts = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(text => typeof text === 'string')

function isInclude(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const {pattern, from, files, problems} = value as Partial<BundledInclude>
  return (
    typeof pattern === 'string' &&
    typeof from === 'string' &&
    Array.isArray(files) &&
    files.every(file => typeof file === 'string') &&
    Array.isArray(problems)
  )
}

const key = (pattern: string, from: string): string => `${from}\n${pattern}`
