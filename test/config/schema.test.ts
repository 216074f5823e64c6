import {describe, expect, it} from 'vitest'
import {DIAGNOSTIC_KINDS} from '../../src/config/diagnostic-codes.ts'
import {NOT_ACTED_ON} from '../../src/config/not-acted-on.ts'
import {alone, whole, word} from '../../src/config/schema/arguments.ts'
import {setting} from '../../src/config/schema/entries.ts'
import {type AnyBlockKind, blockKind, type KeywordFacts} from '../../src/config/schema/schema.ts'
import {homesOf, ROOT} from '../../src/config/tables/root.ts'

/** Every kind of block there is, found from the root. */
function kindsOf(kind: AnyBlockKind, found = new Map<string, AnyBlockKind>()): ReadonlyMap<string, AnyBlockKind> {
  if (found.get(kind.name) === kind) return found
  found.set(kind.name, kind)
  for (const {facts} of kind.index.values()) if (facts.opens) kindsOf(facts.opens, found)
  return found
}
const KINDS = [...kindsOf(ROOT as unknown as AnyBlockKind)]
const facts = (kind: AnyBlockKind): readonly KeywordFacts[] =>
  Object.values(kind.schema).flatMap(({keywords}) => keywords)

describe('the tables of keywords', () => {
  it.each(KINDS)('of %j name each keyword once', (_name, kind) => {
    const names = facts(kind).map(({name}) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('are all there are that are not acted on', () => {
    const known = new Map(KINDS)
    const lines = new Map(KINDS.flatMap(([, kind]) => facts(kind).map(fact => [fact.name, fact] as const)))
    for (const [kind, words] of NOT_ACTED_ON) {
      const options = new Set(lines.get(kind)?.options?.flatMap(option => option.words))
      expect([...words.keys()].filter(word => !known.get(kind)?.index.has(word) && !options.has(word))).toEqual([])
    }
  })

  it.each(KINDS.flatMap(([name, kind]) => facts(kind).map(fact => [`${fact.name} of ${name}`, fact] as const)))(
    'document %s',
    (_name, fact) => {
      expect(fact.doc).toMatch(/^([a-z]|[A-Z]{2}).*[^.]$/)
      expect(fact.defaultText).not.toBe('')
      for (const {words, doc} of fact.options ?? []) {
        expect(words.length).toBeGreaterThan(0)
        expect(doc).toMatch(/^([a-z\d]|[A-Z]{2}).*[^.]$/)
      }
    },
  )

  it('know where a keyword stands', () => {
    expect(homesOf('priority')).toEqual(['vrrp_instance'])
    expect(homesOf('auth_pass')).toEqual(['authentication'])
    expect(homesOf('vrrp_instance')).toEqual([''])
    expect(homesOf('nobody')).toEqual([])
  })

  it('hold an entry of the right type for every field', () => {
    interface Settings {
      readonly count: number
      readonly name: string | undefined
    }
    const count = setting('count', whole({min: 0, max: 9}), {initial: 0, doc: 'x', defaultText: '0'})
    const name = setting('name', word('NAME'), {initial: undefined, doc: 'x', defaultText: 'none'})
    expect(blockKind<Settings>('x', {count, name}).index.size).toBe(2)
    // @ts-expect-error a field without an entry
    blockKind<Settings>('x', {count})
    // @ts-expect-error a word is no number
    blockKind<Settings>('x', {count: name, name})
    const flag = setting('flag', alone(true), {initial: undefined, doc: 'x', defaultText: 'off'})
    // @ts-expect-error true is no word
    blockKind<Settings>('x', {count, name: flag})
    const unset = setting('unset', whole({min: 0, max: 9}), {initial: undefined, doc: 'x', defaultText: 'none'})
    // @ts-expect-error a number that begins undefined is not always a number
    blockKind<Settings>('x', {count: unset, name})
  })
})

describe('the codes of findings', () => {
  it('are unique and well formed', () => {
    const kinds = Object.values(DIAGNOSTIC_KINDS)
    expect(new Set(kinds.map(({code}) => code)).size).toBe(kinds.length)
    for (const {code, meaning} of kinds) {
      expect(code).toMatch(/^HC[12]\d{3}$/)
      expect(meaning).toMatch(/^\S.*\.$/)
    }
  })
})
