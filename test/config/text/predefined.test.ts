// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what the text under test says
import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {Surroundings} from '../../../src/config/text/predefined.ts'
import {complaints} from '../support.ts'

const ENVIRONMENT: {readonly [name: string]: string} = {NODE: 'left', EMPTY: ''}
const HERE: Surroundings = {configId: 'here', environment: name => ENVIRONMENT[name]}

const load = (id: string, surroundings: Surroundings = HERE, above = ''): LoadedConfig =>
  parseConfig({file: '/etc/hactl/a.conf', text: `${above}global_defs {\nrouter_id ${id}\n}`, ...surroundings})
const routerId = (...args: Parameters<typeof load>): string | undefined => load(...args).config.global.routerId

describe('a predefined name', () => {
  it.each([
    ['${_INSTANCE}', 'here'],
    ['a_$_INSTANCE', 'a_here'],
    ['${_PWD}/x', '/etc/hactl/x'],
    ['a${_HASH}b${_BANG}c', 'a'],
    ['x${_ENV NODE}y', 'xlefty'],
    ['x${_ENV EMPTY}y', 'xy'],
    ['${_ENV  NODE }', 'left'],
    ['${_RANDOM 7 7}', '7'],
  ])('%s gives %s', (text, expected) => {
    const loaded = load(text)
    expect(loaded.config.global.routerId).toBe(expected)
    expect(complaints(loaded)).toEqual([])
  })

  it('is hidden by a definition', () => {
    expect(routerId('$_INSTANCE', HERE, '$_INSTANCE=mine\n')).toBe('mine')
  })

  it.each([
    ['${_RANDOM a}', 'HC1119 error 2:11'],
    ['${_RANDOM 5 3}', 'HC1119 error 2:11'],
    ['${_RANDOM 1 2 3}', 'HC1119 error 2:11'],
    ['$_ENV', 'HC1119 error 2:11'],
    ['${_ENV}', 'HC1119 error 2:11'],
    ['${_ENV A-B}', 'HC1119 error 2:11'],
    ['x${_ENV NOBODY}', 'HC1117 warning 2:12'],
  ])('%s is complained about', (text, expected) => {
    expect(complaints(load(text))).toEqual([expected])
  })
})

describe('a random number', () => {
  const numbers = (surroundings: Surroundings, above = ''): readonly number[] =>
    (routerId(Array.from({length: 20}, () => '${_RANDOM 10 19}').join('-'), surroundings, above) ?? '')
      .split('-')
      .map(Number)

  it('stays within its bounds and reaches most of them', () => {
    const drawn = numbers(HERE)
    expect(drawn.every(number => number >= 10 && number <= 19)).toBe(true)
    expect(new Set(drawn).size).toBeGreaterThan(4)
  })

  it('is the same at every reading with one seed or on one host', () => {
    expect(numbers({randomSeed: 5})).toEqual(numbers({randomSeed: 5}))
    expect(numbers({configId: 'a'})).toEqual(numbers({configId: 'a'}))
  })

  it('differs with the seed and from host to host', () => {
    expect(numbers({randomSeed: 5})).not.toEqual(numbers({randomSeed: 6}))
    expect(numbers({configId: 'a'})).not.toEqual(numbers({configId: 'b'}))
  })

  it('follows random_seed where that stands above', () => {
    const seeded = 'global_defs {\n random_seed 9\n}\n'
    expect(numbers({configId: 'a'}, seeded)).toEqual(numbers({configId: 'b'}, seeded))
  })

  it('without bounds has fifteen bits', () => {
    const number = Number(routerId('$_RANDOM'))
    expect(number).toBeGreaterThanOrEqual(0)
    expect(number).toBeLessThanOrEqual(32_767)
  })
})
