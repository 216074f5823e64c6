import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {shown} from '../findings.ts'

/** What the predefined names depend on besides the text. */
export interface Surroundings {
  /** What `${_INSTANCE}` is and `@id` compares with: `-i` of keepalived, or else the host's name up to a dot. */
  readonly configId?: string | undefined
  /** Gives `${_ENV NAME}` its value; undefined where a variable is not set. */
  readonly environment?: ((name: string) => string | undefined) | undefined
  /** Where the numbers of `${_RANDOM}` begin; the same seed draws the same numbers. */
  readonly randomSeed?: number | undefined
}

/** Names that have a meaning without a definition. keepalived.conf(5). */
export interface Predefined {
  /** The value of a name with the words after it; undefined, and reported where they are wrong, when there is none. */
  value(name: string, use: PredefinedUse): string | undefined
  /** Lets the numbers of `${_RANDOM}` begin anew. */
  seed(seed: number): void
}

/** Where a name stands and what is said besides it. */
export interface PredefinedUse {
  readonly position: Position
  /** What stands behind the name within its braces; undefined without braces. */
  readonly parameters: string | undefined
}

/** True for a name that needs no definition. */
export const isPredefined = (name: string): boolean => NAMES.has(name)

/** The predefined names in these surroundings. Each `${_RANDOM}` draws a number of its own. */
export function newPredefined({configId = '', environment, randomSeed}: Surroundings, findings: Findings): Predefined {
  let draw = randomNumbers(randomSeed ?? hashOf(configId))
  const malformed = (position: Position, message: string, hint: string): undefined => {
    findings.report('predefined-malformed', position, message, hint)
  }
  return {
    seed(seed) {
      draw = randomNumbers(seed)
    },
    value(name, {position, parameters}) {
      if (name === '_PWD') return directoryOf(position.file)
      if (name === '_HASH') return '#'
      if (name === '_BANG') return '!'
      if (name === '_INSTANCE') return configId
      if (name === '_RANDOM') {
        const bounds = boundsOf(parameters ?? '')
        if (bounds) return String(bounds.min + Math.floor(draw() * (bounds.max - bounds.min + 1)))
        const message = `the bounds${shownParameters(parameters)} of $_RANDOM are not one or two whole numbers in order`
        return malformed(position, message, '$' + '{_RANDOM [MIN [MAX]]}')
      }
      if (name !== '_ENV') return undefined
      const variable = /^\s+([A-Za-z_][A-Za-z0-9_]*)\s*$/.exec(parameters ?? '')?.[1]
      if (variable === undefined) {
        return malformed(position, '$_ENV names no variable of the environment', '$' + '{_ENV NAME}, with the braces')
      }
      const value = environment?.(variable)
      if (value !== undefined) return value
      const message = `the environment has no variable ${shown(variable)}; its value is taken as empty`
      findings.report('environment-unset', position, message, 'set it where the agent is started')
      return ''
    },
  }
}

const NAMES = new Set(['_PWD', '_HASH', '_BANG', '_INSTANCE', '_RANDOM', '_ENV'])

const directoryOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '/'

const shownParameters = (parameters: string | undefined): string => {
  const text = parameters?.trim() ?? ''
  return text === '' ? '' : ` ${shown(text)}`
}

const LARGEST_DEFAULT = 32_767

function boundsOf(parameters: string): {readonly min: number; readonly max: number} | undefined {
  const match = /^(?:\s+(\d{1,10})(?:\s+(\d{1,10}))?)?\s*$/.exec(parameters)
  if (!match) return undefined
  const min = Number(match[1] ?? 0)
  const max = Number(match[2] ?? LARGEST_DEFAULT)
  return min <= max ? {min, max} : undefined
}

/** Numbers from 0 to below 1; the generator is Mulberry32, which has 32 bits of state. */
function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a of 32 bits, so that each host draws numbers of its own, and the same at each reading. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  return hash
}
