import type {DiagnosticName} from '../diagnostic-codes.ts'
import {shown} from '../findings.ts'
import {splitQuoted, type Word} from '../text/lexer.ts'
import type {Statement} from '../text/pieces.ts'
import {type Argument, type Cursor, REFUSED, type ReadContext, type Refused} from './schema.ts'

/**
 * Reads the words of a statement by the argument's rule, and reports the words that are left over. The line of
 * a block of data (`dataOf` is its keyword) has no keyword of its own. A value depends on nothing but the words, so
 * where lines are alike, one is read for all.
 */
export function readArguments<T>(
  statement: Statement,
  argument: Argument<T>,
  context: ReadContext,
  dataOf?: string,
): T | Refused {
  const {phrase} = statement
  // What was read by this argument is of its type.
  if (phrase.readBy === argument) return phrase.value as T
  const before = context.findings.count
  const value = readWords(statement, argument, context, dataOf)
  if (value !== REFUSED && context.findings.count === before) {
    phrase.readBy = argument
    phrase.value = value
  }
  return value
}

function readWords<T>(
  statement: Statement,
  argument: Argument<T>,
  context: ReadContext,
  dataOf: string | undefined,
): T | Refused {
  // What is wrong with it has been reported already.
  if (statement.broken && argument.lexing !== 'script') return REFUSED
  const {words, unterminatedAt} = wordsOf(statement, argument, dataOf !== undefined)
  if (unterminatedAt !== undefined && !statement.broken) {
    const at = {...statement.position, column: unterminatedAt}
    context.findings.report('unterminated-quote', at, 'the quote is not closed; the line has no effect')
  }
  if (unterminatedAt !== undefined || statement.broken) return REFUSED
  const cursor = new StatementCursor(statement, words, argument.form, dataOf ?? statement.keyword.text, context)
  const value = argument.read(cursor)
  if (value === REFUSED) return REFUSED
  const left = cursor.left
  const first = words[words.length - left]
  if (left > 0 && first) reportLeftOver(statement, first, {others: left - 1, alone: argument.form === ''}, context)
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

/** One is made for each line of a configuration, so it has methods rather than functions of its own. */
class StatementCursor implements Cursor {
  readonly #statement: Statement
  readonly #words: readonly Word[]
  readonly #form: string
  readonly #name: string
  readonly #context: ReadContext
  #taken = 0

  constructor(statement: Statement, words: readonly Word[], form: string, name: string, context: ReadContext) {
    this.#statement = statement
    this.#words = words
    this.#form = form
    this.#name = name
    this.#context = context
  }

  get keyword(): string {
    return this.#statement.keyword.text
  }

  get left(): number {
    return Math.max(0, this.#words.length - this.#taken)
  }

  next(): Word | undefined {
    return this.#words[this.#taken++]
  }

  peek(): Word | undefined {
    return this.#words[this.#taken]
  }

  require(): Word | Refused {
    const given = this.#words[this.#taken++]
    return given ?? this.fail(undefined, 'a value is missing', this.#form, 'argument-missing')
  }

  show(given: Word): string {
    return this.#context.secret || followsPassword(this.#statement, given) ? 'the value' : shown(given.text)
  }

  fail(given: Word | undefined, message: string, hint?: string, name: DiagnosticName = 'argument-invalid'): Refused {
    this.note(name, given, message, hint)
    return REFUSED
  }

  note(name: DiagnosticName, given: Word | undefined, message: string, hint?: string): void {
    const {position} = this.#statement
    const prefix = this.#context.secret ? '' : `${shown(this.#name).slice(1, -1)}: `
    const at = given ? {...position, column: given.column} : position
    this.#context.findings.report(name, at, prefix + message, hint)
  }
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
