import type {Position} from '../config.ts'
import type {Findings} from '../findings.ts'
import {columnAt, type MappedText} from './mapped-text.ts'

/** Whether a line is `@ID` and nothing else, which keepalived takes without a word. */
export const isConditionAlone = (text: string): boolean => /^\s*@\S*\s*$/.test(text)

/** `auth_pass ab#cd` loses its end, which nobody notices in a password. */
export function reportCommentInWord(raw: MappedText, bare: MappedText, position: Position, findings: Findings): void {
  const last = bare.text.length - 1
  const at = columnAt(bare, last)
  if (last < 0 || at >= raw.text.length) return
  const begun = {...position, column: at + 1}
  const before = bare.text[last] ?? ''
  const [, secret] = /^\s*(auth_pass|password|key)\s+\S/.exec(bare.text) ?? []
  if (
    secret !== undefined &&
    /[^\s"]/.test(before) &&
    /^([#!][^\s\u0080-\uffff]|[#!]+\s*$|!\s*#)/.test(raw.text.slice(at))
  ) {
    const message = `${secret} is cut short: '${raw.text[at]}' begins a comment, even within a word`
    findings.report('secret-cut-short', begun, message, 'put the value between double quotes, on every node')
    return
  }
  if (!/[A-Za-z0-9_]/.test(before) || !/^[#!][A-Za-z0-9_]/.test(raw.text.slice(at))) return
  const message = `'${raw.text[at]}' within a word begins a comment; the rest of the line is ignored`
  findings.report('comment-in-word', begun, message, 'put the value between double quotes')
}

/** `priority 50 # more \` is read as `priority 50\`. Measured with keepalived 2.2.7. */
export function reportContinued(raw: MappedText, bare: MappedText, position: Position, findings: Findings): void {
  if (bare.text.length >= raw.text.length || !raw.text.endsWith('\\')) return
  const at = {...position, column: raw.text.length}
  const message = 'the backslash at the end of the comment does not continue it: keepalived 2.2.7 reads it as a word'
  findings.report('comment-continued', at, message, 'remove it')
}

/** A condition with nothing behind it; the line itself is dropped. */
export function reportConditionAlone({text}: MappedText, position: Position, findings: Findings): void {
  if (!isConditionAlone(text)) return
  const at = {...position, column: text.indexOf('@') + 1}
  findings.report('condition-alone', at, 'nothing follows the condition', '@ID and a statement on one line')
}
