import {describe, expect, test} from 'vitest'
import {ORDERS} from '../../src/tui/actions.ts'
import {UTF8_GLYPHS} from '../../src/tui/glyphs.ts'
import {helpLines} from '../../src/tui/help.ts'
import {type InkKey, KEYS, keysOf} from '../../src/tui/keys.ts'
import {plainText} from '../../src/tui/lines.ts'

const NONE: InkKey = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
}

describe('the table of keys', () => {
  test('gives no key two meanings', () => {
    const names = [...KEYS.flatMap(key => key.names), ...ORDERS.map(({key}) => key)]
    expect(names).toHaveLength(new Set(names).size)
  })

  test('is what the help says, and all of it, orders included', () => {
    const drawing = {width: 200, glyphs: UTF8_GLYPHS, node: 0, history: () => []}
    const help = helpLines(drawing).map(plainText)
    for (const {shown, words} of KEYS) expect(help).toContain(`  ${shown}`.padEnd(16) + words)
    for (const {key, words} of ORDERS) expect(help).toContain(`  ${key}`.padEnd(16) + words)
  })

  test('gives orders to capital letters alone', () => {
    for (const {key} of ORDERS) expect(key).toMatch(/^[A-Z]$/)
  })
})

describe('what a terminal sends', () => {
  test.each([
    ['', {downArrow: true}, ['down']],
    ['', {tab: true, shift: true}, ['shift-tab']],
    ['', {delete: true}, ['backspace']],
    ['', {return: true}, ['enter']],
    ['c', {ctrl: true}, ['ctrl-c']],
    ['jjG', {}, ['j', 'j', 'G']],
    ['a b\r', {}, ['a', 'space', 'b', 'enter']],
    ['😀', {}, ['😀']],
    ['', {}, []],
  ] as const)('%j with %j is %j', (input, flags, names) => {
    expect(keysOf(input, {...NONE, ...flags}).map(({name}) => name)).toEqual(names)
  })

  test('is read up to a bound', () => {
    expect(keysOf('x'.repeat(100_000), NONE)).toHaveLength(1_000)
  })
})
