import type {Position} from '../config.ts'
import {shown} from '../findings.ts'
import type {Statement} from '../text/blocks.ts'
import {splitQuoted, type Word} from '../text/lexer.ts'
import {type Argument, type Cursor, REFUSED, type ReadContext, type Refused} from './schema.ts'

/**
 * Reads the words of a statement by the argument's rule, and reports the words that are left over. The line of
 * a block of data (`dataOf` is its keyword) has no keyword of its own.
 */
export function readArguments<T>(
  statement: Statement,
  argument: Argument<T>,
  context: ReadContext,
  {dataOf}: {readonly dataOf?: string} = {},
): T | Refused {
  // What is wrong with it has been reported already.
  if (statement.broken && argument.lexing !== 'script') return REFUSED
  const words = wordsOf(statement, argument, dataOf !== undefined)
  if (words.unterminatedAt !== undefined) {
    if (!statement.broken) {
      const at = {...statement.position, column: words.unterminatedAt}
      context.findings.report('unterminated-quote', at, 'the quote is not closed; the line has no effect')
    }
    return REFUSED
  }
  if (statement.broken) return REFUSED
  const {cursor, rest} = newCursor(
    statement,
    words.words,
    {form: argument.form, name: dataOf ?? statement.keyword.text},
    context,
  )
  const value = argument.read(cursor)
  if (value === REFUSED) return REFUSED
  const [first, ...others] = rest()
  if (first) reportLeftOver(statement, first, {others: others.length, alone: argument.form === ''}, context)
  if (dataOf !== undefined && statement.block) {
    context.findings.report('brace-unexpected', statement.block.opensAt, `'{' in ${dataOf}; what it holds is ignored`)
  }
  return value
}

function wordsOf(statement: Statement, argument: Argument<unknown>, fromKeyword: boolean) {
  if (argument.lexing === 'script') {
    const split = splitQuoted(statement.content, false)
    return {...split, words: split.words.slice(1)}
  }
  const words = fromKeyword ? [statement.keyword, ...statement.words] : statement.words
  return {words, unterminatedAt: undefined}
}

function newCursor(
  statement: Statement,
  words: readonly Word[],
  {form, name}: {readonly form: string; readonly name: string},
  context: ReadContext,
) {
  const {findings, secret} = context
  const keyword = statement.keyword.text
  const at = (given: Word | undefined): Position => ({
    ...statement.position,
    column: given?.column ?? statement.position.column,
  })
  const prefix = secret ? '' : `${shown(name).slice(1, -1)}: `
  let taken = 0
  const cursor: Cursor = {
    keyword,
    next: () => words[taken++],
    peek: () => words[taken],
    require: () => {
      const given = words[taken++]
      if (given) return given
      findings.report('argument-missing', at(undefined), `${prefix}a value is missing`, form)
      return REFUSED
    },
    show: given => (secret || followsPassword(statement, given) ? 'the value' : shown(given.text)),
    fail: (given, message, hint, name = 'argument-invalid') => {
      findings.report(name, at(given), prefix + message, hint)
      return REFUSED
    },
    note: (name, given, message, hint) => findings.report(name, at(given), prefix + message, hint),
  }
  return {cursor, rest: () => words.slice(taken)}
}

/** A misplaced `auth_pass` still has a password after it. */
function followsPassword(statement: Statement, given: Word): boolean {
  const password = [statement.keyword, ...statement.words].find(({text}) => /pass/i.test(text))
  return password !== undefined && password.column < given.column
}

function reportLeftOver(
  statement: Statement,
  first: Word,
  {others, alone}: {readonly others: number; readonly alone: boolean},
  context: ReadContext,
): void {
  const more = others === 0 ? '' : others === 1 ? ' and one more word' : ` and ${others} more words`
  const has = others === 0 ? 'has' : 'have'
  const secret = context.secret || followsPassword(statement, first)
  const what = secret ? 'words at the end of the line have' : `${shown(first.text)}${more} ${has}`
  const homes = secret ? [] : context.homesOf(first.text)
  const takesNone = statement.block
    ? `put it between the braces, on a line of its own`
    : `${statement.keyword.text} takes no value`
  const hint =
    homes.length > 0
      ? `put ${first.text} on a line of its own`
      : alone
        ? takesNone
        : 'put one statement on a line, and a value with spaces between double quotes'
  context.findings.report('words-left-over', {...statement.position, column: first.column}, `${what} no effect`, hint)
}
