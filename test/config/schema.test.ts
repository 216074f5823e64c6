import {describe, expect, it} from 'vitest'
import {DIAGNOSTIC_KINDS} from '../../src/config/diagnostic-codes.ts'
import {NOTHING_KNOWN} from '../../src/config/known-keywords.ts'
import {alone, whole, word} from '../../src/config/schema/arguments.ts'
import {setting} from '../../src/config/schema/entries.ts'
import {blockKind, type Entry, type KeywordFacts} from '../../src/config/schema/schema.ts'
import {GLOBAL} from '../../src/config/tables/global-defs.ts'
import {homesOf, ROOT} from '../../src/config/tables/root.ts'
import {INSTANCE} from '../../src/config/tables/vrrp-instance.ts'
import {SCRIPT} from '../../src/config/tables/vrrp-script.ts'

const KINDS = [ROOT, GLOBAL, SCRIPT, INSTANCE] as const
const facts = (kind: (typeof KINDS)[number]): readonly KeywordFacts[] =>
  Object.values<Entry<unknown>>(kind.schema).flatMap(({keywords}) => keywords)

describe('the tables of keywords', () => {
  it.each(KINDS.map(kind => [kind.name, kind] as const))('of %j name each keyword once', (_name, kind) => {
    const names = facts(kind).map(({name}) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.filter(name => kind.known.words.has(name) || kind.known.blocks.has(name))).toEqual([])
    expect([...kind.known.words].filter(name => kind.known.blocks.has(name))).toEqual([])
  })

  it.each(KINDS.map(kind => [kind.name, kind] as const))('of %j tell effects of known keywords only', (_name, kind) => {
    const unknown = [...kind.known.effects.keys()].filter(
      name => !kind.known.words.has(name) && !kind.known.blocks.has(name),
    )
    expect(unknown).toEqual([])
  })

  it.each(KINDS.flatMap(kind => facts(kind).map(fact => [fact.name, fact] as const)))('document %s', (_name, fact) => {
    expect(fact.doc).toMatch(/^[a-z].*[^.]$/)
    expect(fact.defaultText).not.toBe('')
  })

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
    expect(blockKind<Settings>('x', {count, name}, NOTHING_KNOWN).index.size).toBe(2)
    // @ts-expect-error a field without an entry
    blockKind<Settings>('x', {count}, NOTHING_KNOWN)
    // @ts-expect-error a word is no number
    blockKind<Settings>('x', {count: name, name}, NOTHING_KNOWN)
    const flag = setting('flag', alone(true), {initial: undefined, doc: 'x', defaultText: 'off'})
    // @ts-expect-error true is no word
    blockKind<Settings>('x', {count, name: flag}, NOTHING_KNOWN)
    const unset = setting('unset', whole({min: 0, max: 9}), {initial: undefined, doc: 'x', defaultText: 'none'})
    // @ts-expect-error a number that begins undefined is not always a number
    blockKind<Settings>('x', {count: unset, name}, NOTHING_KNOWN)
  })
})

describe('the codes of findings', () => {
  it('are unique and well formed', () => {
    const kinds = Object.values(DIAGNOSTIC_KINDS)
    expect(new Set(kinds.map(({code}) => code)).size).toBe(kinds.length)
    for (const {code, meaning} of kinds) {
      expect(code).toMatch(/^HC1\d{3}$/)
      expect(meaning).toMatch(/^\S.*\.$/)
    }
  })
})
