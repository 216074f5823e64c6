import {accessSync, closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync} from 'node:fs'
import {hostname} from 'node:os'
import {dirname, isAbsolute, join, resolve} from 'node:path'
import {errorText, HactlError} from '../errors.ts'
import type {LoadedConfig} from './config.ts'
import {DIAGNOSTIC_KINDS} from './diagnostic-codes.ts'
import {type ParseOptions, parseConfig} from './parse.ts'
import {expandBraces, isPattern, matchesGlob} from './text/glob.ts'
import type {Surroundings} from './text/predefined.ts'
import {
  type IncludeBudget,
  type IncludedFile,
  type IncludeProblem,
  LIMITS,
  type ReadInclude,
} from './text/source-lines.ts'

/** What can be said about a load beyond the file. */
export interface LoadOptions extends ParseOptions, Surroundings {
  /** What `@id` lines compare with; the first part of the name of the host unless given. */
  readonly configId?: string | undefined
}

/** What the text depends on here, as far as nothing else is said. */
export function surroundings({configId, environment, randomSeed}: LoadOptions): Surroundings {
  return {
    configId: configId ?? hostname().replace(/\..*/s, ''),
    environment: environment ?? (name => process.env[name]),
    randomSeed,
  }
}

/**
 * Reads a configuration and its includes from disk. Throws only when the main file cannot be read at all; whatever is
 * wrong in it is a diagnostic.
 */
export function loadConfig(path: string, options: LoadOptions = {}): LoadedConfig {
  const file = resolve(path)
  const main = readMain(file)
  const source = {file, text: main.text, ...surroundings(options)}
  const loaded = parseConfig(source, readInclude, options)
  if (!main.executable) return loaded
  const {code, severity, class: diagnosticClass} = DIAGNOSTIC_KINDS['file-executable']
  const position = {file, line: 1, column: 1}
  const message = 'the file is executable, and keepalived reads no executable file'
  const finding = {code, severity, class: diagnosticClass, position, message, hint: `chmod -x ${file}`}
  return {...loaded, diagnostics: [finding, ...loaded.diagnostics]}
}

/** Reads a configuration that is no file, such as standard input; relative includes start in this directory. */
export function loadText(name: string, text: string, options: LoadOptions = {}): LoadedConfig {
  return parseConfig({file: resolve(name), text, ...surroundings(options)}, readInclude, options)
}

/** The text of a main configuration file, and whether it may be executed; throws `HactlError` when it is unreadable. */
export function readMain(file: string): {readonly text: string; readonly executable: boolean} {
  let read: ReadFile
  try {
    read = readRegular(file, LIMITS.bytes)
  } catch (error) {
    throw unreadable(file, error)
  }
  if (read.ok) return read
  throw new HactlError(
    'INVALID_CONFIGURATION',
    `cannot read ${file}: ${read.reason}`,
    'name the file of a configuration',
  )
}

function unreadable(file: string, error: unknown): HactlError {
  const code = errorCode(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const hint = 'name another file, or create it'
    return new HactlError('NOT_FOUND', `there is no configuration ${file}`, hint, {cause: error})
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new HactlError('PERMISSION', `may not read ${file}`, 'run as root, or permit reading', {cause: error})
  }
  return new HactlError('INVALID_CONFIGURATION', `cannot read ${file}: ${errorText(error)}`, undefined, {cause: error})
}

const errorCode = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

type ReadFile =
  | {readonly ok: true; readonly text: string; readonly executable: boolean}
  | {readonly ok: false; readonly kind: 'too-big' | 'not-regular'; readonly reason: string}

/** Judges the opened file and not its name, and never waits for a pipe. */
function readRegular(file: string, limit: number): ReadFile {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) {
      return {
        ok: false,
        kind: 'not-regular',
        reason: `it is ${stat.isDirectory() ? 'a directory' : 'not a regular file'}`,
      }
    }
    if (stat.size > limit) return {ok: false, kind: 'too-big', reason: `it has more than ${limit} bytes`}
    return {ok: true, text: readFileSync(descriptor, 'utf8'), executable: (stat.mode & 0o111) !== 0}
  } finally {
    closeSync(descriptor)
  }
}

/** Reads what an include names from disk. */
export const readInclude: ReadInclude = (pattern, from, budget) => {
  const base = dirname(from)
  const files: IncludedFile[] = []
  const problems: IncludeProblem[] = []
  let partly = false
  for (const part of expandBraces(pattern)) {
    const paths = globPaths(isAbsolute(part) ? part : join(base, part), budget)
    if (paths.length === 0 && !isPattern(part)) partly = true
    for (const path of paths) readIncluded(path, budget, files, problems)
  }
  return {files, problems, partly}
}

function readIncluded(path: string, budget: IncludeBudget, files: IncludedFile[], problems: IncludeProblem[]): void {
  const left = budget.bytes - files.reduce((sum, {text}) => sum + text.length, 0)
  if (files.length >= budget.files || left <= 0) {
    if (problems.length === 0) problems.push({file: path, kind: 'too-big', reason: 'too many files or too much text'})
    return
  }
  try {
    const read = readRegular(path, left)
    if (!read.ok)
      problems.push({file: path, kind: read.kind === 'too-big' ? 'too-big' : 'skipped', reason: read.reason})
    else if (read.executable) problems.push({file: path, kind: 'skipped', reason: 'it is executable'})
    else files.push({file: path, text: read.text})
  } catch (error) {
    problems.push({file: path, kind: 'unreadable', reason: errorText(error)})
  }
}

/** The paths that a pattern matches, sorted in each directory; only names that exist. */
function globPaths(pattern: string, budget: IncludeBudget): readonly string[] {
  let found = ['/']
  for (const name of pattern.split('/').filter(part => part !== '')) {
    const next: string[] = []
    for (const directory of found) {
      const names = isPattern(name) ? namesIn(directory).filter(entry => matchesGlob(name, entry)) : [name]
      for (const entry of names) if (next.length <= budget.files) next.push(join(directory, entry))
    }
    found = isPattern(name) ? next : next.filter(exists)
  }
  return found.map(canonical)
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).toSorted()
  } catch {
    return []
  }
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.F_OK)
    return true
  } catch (error) {
    // What exists but may not be looked at is reported when it is opened.
    return errorCode(error) === 'EACCES'
  }
}

/** One name for one file, so that a loop through symbolic links is seen as one. */
function canonical(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
