import {createContext, Script} from 'node:vm'
import type {HttpPage} from '../core/check/plan.ts'
import {translateRegex} from '../core/check/regex-pattern.ts'

/** What a page says of its body by a regular expression. */
export type PageRegex = Exclude<HttpPage['regex'], undefined>

/** Looks at a body as it comes. */
export interface BodyMatcher {
  /** Takes a part of the body; the bytes may be used again afterwards. */
  take(bytes: Buffer): void
  /** The body has ended: undefined where it is as wanted, or why it is not. */
  end(): string | undefined
}

/**
 * A matcher for one body, or why the expression cannot be used: "the regular expression is not supported: …". The
 * first 64 KiB of a body are searched; they are kept until they are all here, and then no more.
 */
export function bodyMatcher(regex: PageRegex): BodyMatcher | string {
  const compiled = compile(regex)
  if (typeof compiled === 'string') return compiled
  const parts: Buffer[] = []
  let kept = 0
  let verdict: {readonly reason: string | undefined} | undefined
  const judge = (): {readonly reason: string | undefined} => ({
    reason: reasonOf(regex, search(compiled, regex, Buffer.concat(parts))),
  })
  return {
    take: bytes => {
      if (verdict !== undefined) return
      // A copy, small as the body is: a part of a larger buffer would keep all of that.
      const part = Buffer.from(bytes.subarray(0, WINDOW_BYTES - kept))
      parts.push(part)
      kept += part.length
      if (parts.length >= MOST_PARTS) parts.splice(0, parts.length, Buffer.concat(parts))
      if (kept < WINDOW_BYTES) return
      verdict = judge()
      parts.length = 0
    },
    end: () => (verdict ?? judge()).reason,
  }
}

type Outcome = 'matches' | 'does not match' | 'takes too long'

function reasonOf({noMatch}: PageRegex, outcome: Outcome): string | undefined {
  if (outcome === 'takes too long') return 'the regular expression takes too long'
  if (outcome === 'matches') return noMatch ? 'the body matches, and it is not to' : undefined
  return noMatch ? undefined : 'the body does not match'
}

function search(compiled: RegExp, {options, minOffsetBytes, maxOffsetBytes}: PageRegex, body: Buffer): Outcome {
  const encoding = options.includes('utf') ? 'utf8' : 'latin1'
  const text = body.toString(encoding)
  const indexOf = (offset: number): number => body.toString(encoding, 0, offset).length
  const from = minOffsetBytes === undefined ? 0 : indexOf(minOffsetBytes)
  if (from > text.length) return 'does not match'
  const found = execute(compiled, text, from)
  if (found === 'takes too long') return found
  const firstLine = options.includes('firstline') ? (text.indexOf('\n') + 1 || text.length + 1) - 1 : text.length
  const last = Math.min(firstLine, maxOffsetBytes === undefined ? text.length : indexOf(maxOffsetBytes))
  return found === undefined || found > last ? 'does not match' : 'matches'
}

/** Where the first match begins. An expression may take ages on a body that was made for that: V8 interrupts it. */
function execute(regex: RegExp, text: string, from: number): number | 'takes too long' | undefined {
  for (let attempt = 0; attempt < 2; attempt++) {
    const before = process.cpuUsage()
    try {
      Object.assign(room, {regex, text, from})
      SEARCH.runInContext(context, {timeout: MOST_MS})
      return room.found
    } catch {
      // A machine that had no time for this process is not the expression's fault: it has another go.
      const {user, system} = process.cpuUsage(before)
      if (user + system > (MOST_MS * 1000) / 2) return 'takes too long'
    } finally {
      Object.assign(room, NOTHING)
    }
  }
  return 'takes too long'
}

const NOTHING: Room = {regex: undefined, text: '', from: 0, found: undefined}

interface Room {
  regex: RegExp | undefined
  text: string
  from: number
  found: number | undefined
}

const room: Room = {...NOTHING}
const context = createContext(room)
const SEARCH = new Script('regex.lastIndex = from; found = regex.exec(text)?.index')
const MOST_MS = 50
const WINDOW_BYTES = 64 * 1024
const MOST_PARTS = 64

/** Of each page of a plan, once: plans live until the next reload. */
const known = new WeakMap<PageRegex, RegExp | string>()

function compile(regex: PageRegex): RegExp | string {
  const before = known.get(regex)
  if (before !== undefined) return before
  const translated = translateRegex(regex.pattern, regex.options)
  const compiled = translated.ok ? translated.regex : translated.reason
  known.set(regex, compiled)
  return compiled
}
