import {type ErrorCode, errorText, type HactlError} from '../errors.ts'
import {EXIT_CODES} from './exit-codes.ts'

/** A failure as it is shown: one line, and what to do. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
}

/** Turns anything that was thrown, by hactl or by oclif's parser, into what is shown. */
export function failureOf(error: unknown, commandId: string | undefined): Failure {
  if (isHactlError(error)) {
    const {code, message, hint} = error
    return hint === undefined ? {code, message} : {code, message, hint}
  }
  const text = errorText(error)
  if (isOclifError(error)) {
    const command = ['hactl', ...(commandId?.split(':') ?? []), '--help'].join(' ')
    return {code: 'USAGE', message: uncapitalized(firstLine(text)), hint: `see: ${command}`}
  }
  return {code: 'FAILED', message: text.split('\n', 1)[0] ?? text}
}

/** The failure on standard error: one line, and the hint on a second. */
export function printFailure({message, hint}: Failure): void {
  process.stderr.write(hint === undefined ? `hactl: ${message}\n` : `hactl: ${message}\n  ${hint}\n`)
}

/** By its parts: the agent is a bundle of its own, with its own copy of the class. */
function isHactlError(error: unknown): error is HactlError {
  return error instanceof Error && error.name === 'HactlError' && 'code' in error && String(error.code) in EXIT_CODES
}

/** oclif marks what a user can cause with this property. */
function isOclifError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'oclif' in error
}

/** oclif spreads a message over lines: what it is about, then details in columns, then where to find help. */
function firstLine(text: string): string {
  const lines = text.split('\n').filter(line => line.trim() !== '' && !line.startsWith('See more help'))
  const [first = 'unknown failure', ...details] = lines.map(line => line.trim())
  if (first === 'The following error occurred:' && details[0] !== undefined) return details[0].replaceAll('=true', '')
  if (first.endsWith(':')) return `${first} ${details.map(detail => detail.split(/ {2,}/)[0]).join(', ')}`
  if (first.startsWith('Parsing --') && details[0] !== undefined) return `${first}: ${uncapitalized(details[0])}`
  return first
}

function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
