/** How many bytes of a tracked file are looked at; keepalived's figure. */
export const TRACKED_FILE_BYTES = 127

const GREATEST = 0x7fff_ffff
const LEAST = -0x8000_0000

/** What the beginning of a tracked file says; `too-great` leaves what was known before. */
export type FileNumber =
  | {readonly type: 'number'; readonly value: number}
  | {readonly type: 'no-number'}
  | {readonly type: 'too-great'; readonly text: string}

/**
 * Reads the number at the beginning of a tracked file as keepalived 2.2.7 was measured to: white space may stand before
 * it and anything after it, 0x means hexadecimal and a leading 0 octal, as in strtol(3) with base 0. Anything else
 * counts as 0; what does not fit into 32 bits is ignored.
 */
export function readFileNumber(bytes: Buffer): FileNumber {
  const text = bytes.subarray(0, TRACKED_FILE_BYTES).toString('latin1')
  const found = /^[ \t\n\v\f\r]*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/.exec(text)
  if (!found) return {type: 'no-number'}
  const [, sign, digits = ''] = found
  const value = (sign === '-' ? -1 : 1) * magnitude(digits) + 0
  if (value >= LEAST && value <= GREATEST) return {type: 'number', value}
  return {type: 'too-great', text: `${sign}${digits}`.slice(0, SHOWN)}
}

/** Digits of a number shown to people. */
const SHOWN = 24

function magnitude(digits: string): number {
  if (/^0[xX]/.test(digits)) return Number.parseInt(digits, 16)
  return Number.parseInt(digits, digits.startsWith('0') ? 8 : 10)
}
