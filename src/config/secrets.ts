import type {AnyBlockKind, KeywordFacts, Printed} from './schema/schema.ts'
import {ROOT} from './tables/root.ts'

/** What is shown in place of a secret; its length says nothing. */
export const MASK = '********'

/** A kind of block whose words must not be shown, and what may be shown of them all the same. */
export interface SecretBlock {
  /** Every keyword of it; the value says which words after it are no secret: undefined for none. */
  readonly keywords: ReadonlyMap<string, RegExp | undefined>
}

/** The kinds of blocks that hold secrets, by name. */
export function secretBlocks(): ReadonlyMap<string, SecretBlock> {
  found ??= collect(ROOT as unknown as AnyBlockKind, new Map(), new Set())
  return found
}

/** Statements with every secret masked; what is a choice of given words or a number stays. */
export function maskedStatements(statements: readonly Printed[]): readonly Printed[] {
  return statements.map(statement => {
    const {text, block} = statement
    if (!block) return statement
    const secret = secretBlocks().get(firstWord(text))
    return {...statement, block: secret ? block.map(inner => maskedSecret(inner, secret)) : maskedStatements(block)}
  })
}

/** Whether the words after a keyword of a secret block are one of its choices, and so no secret. */
export function isHarmless(block: SecretBlock, keyword: string, rest: string): boolean {
  return rest === '' || (block.keywords.get(keyword)?.test(rest) ?? false)
}

let found: ReadonlyMap<string, SecretBlock> | undefined

function collect(
  kind: AnyBlockKind,
  into: Map<string, SecretBlock>,
  seen: Set<AnyBlockKind>,
): ReadonlyMap<string, SecretBlock> {
  if (seen.has(kind)) return into
  seen.add(kind)
  const facts = [...kind.index.values()].map(entry => entry.facts)
  if (kind.secret) into.set(kind.name, {keywords: new Map(facts.map(fact => [fact.name, harmlessWords(fact)]))})
  for (const {opens} of facts) if (opens) collect(opens, into, seen)
  return into
}

/** A choice of given words, or a number: the table says it already, so it gives nothing away. */
function harmlessWords({form}: KeywordFacts): RegExp | undefined {
  if (/^-?\d+\.\.\d+$/.test(form)) return /^[-+]?\d{1,15}$/
  if (!/^[\w-]+(\|[\w-]+)+$/.test(form)) return undefined
  return new RegExp(`^(${form})$`)
}

function maskedSecret(statement: Printed, block: SecretBlock): Printed {
  const keyword = firstWord(statement.text)
  const rest = statement.text.slice(keyword.length).trim()
  const text = isHarmless(block, keyword, rest) ? statement.text : `${keyword} ${MASK}`
  return statement.block ? {...statement, text, block: [{text: MASK}]} : {...statement, text}
}

const firstWord = (text: string): string => text.slice(0, text.search(/\s|$/))
