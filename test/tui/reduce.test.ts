import {describe, expect, test} from 'vitest'
import type {Row} from '../../src/tui/model.ts'
import {cursorAt, initialState, reduce, topRow} from '../../src/tui/reduce.ts'
import type {DashboardAction, DashboardState, Dialog, Shown} from '../../src/tui/state.ts'
import {editText, textInput} from '../../src/tui/text-input.ts'

const row = (key: string): Row => ({key, subject: {type: 'node', node: 0}, words: key, line: () => []})
const ROWS = Array.from({length: 30}, (_, at) => row(`row ${at}`))
const SHOWN: Shown = {rows: ROWS, height: 10, page: {lines: 25, height: 10}, nodes: 3}

const reduced = (actions: readonly DashboardAction[], shown = SHOWN, from = initialState(false)): DashboardState =>
  actions.reduce((state, action) => reduce(state, action, shown), from)

const cursor = (state: DashboardState): number => cursorAt(state.views[state.view], ROWS)
const top = (state: DashboardState): number => topRow(state.views[state.view], SHOWN)
const dialog: Dialog = {title: 'sure?', lines: () => [], key: () => null}

describe('the cursor', () => {
  const cases: readonly (readonly [readonly DashboardAction[], number, number])[] = [
    [[], 0, 0],
    [[{type: 'move', by: 1}], 1, 0],
    [[{type: 'move', by: -1}], 0, 0],
    [[{type: 'move', by: 9}], 9, 0],
    [[{type: 'move', by: 10}], 10, 1],
    [[{type: 'move-pages', by: 1}], 9, 0],
    [[{type: 'move-to', end: 'last'}], 29, 20],
    [
      [
        {type: 'move-to', end: 'last'},
        {type: 'move', by: 1},
      ],
      29,
      20,
    ],
    [
      [
        {type: 'move-to', end: 'last'},
        {type: 'move', by: -9},
      ],
      20,
      20,
    ],
    [
      [
        {type: 'move-to', end: 'last'},
        {type: 'move-to', end: 'first'},
      ],
      0,
      0,
    ],
  ]

  test.each(cases)('after %j is on row %i, the first on the screen is %i', (actions, at, first) => {
    const state = reduced(actions)
    expect([cursor(state), top(state)]).toEqual([at, first])
  })

  test('follows its row, and stays where it was when the row is gone', () => {
    const state = reduced([{type: 'move', by: 5}])
    const view = state.views.overview
    expect(cursorAt(view, [row('new'), ...ROWS])).toBe(6)
    expect(
      cursorAt(
        view,
        ROWS.filter(({key}) => key !== 'row 5'),
      ),
    ).toBe(5)
    expect(cursorAt(view, ROWS.slice(0, 3))).toBe(2)
    expect(cursorAt(view, [])).toBe(0)
  })

  test('each view has its own', () => {
    const state = reduced([
      {type: 'move', by: 5},
      {type: 'next-view', by: 1},
    ])
    expect([state.view, cursor(state)]).toEqual(['services', 0])
    expect(cursor(reduced([{type: 'view', view: 'overview'}], SHOWN, state))).toBe(5)
  })
})

describe('what lies on top', () => {
  test('scrolls as far as there are lines, and not the view below it', () => {
    const state = reduced([{type: 'help'}, {type: 'move-to', end: 'last'}, {type: 'move', by: 5}])
    expect(state.overlay).toEqual({type: 'help', top: 15})
    expect(cursor(state)).toBe(0)
    expect(reduced([{type: 'move-pages', by: -1}], SHOWN, state).overlay).toEqual({type: 'help', top: 6})
  })

  test('closes with Esc, and goes with another view', () => {
    expect(reduced([{type: 'help'}, {type: 'close'}]).overlay).toBeNull()
    expect(reduced([{type: 'help'}, {type: 'view', view: 'events'}]).overlay).toBeNull()
    expect(reduced([{type: 'open'}]).overlay).toMatchObject({type: 'details', view: 'overview'})
    expect(reduced([{type: 'open'}, {type: 'open'}]).overlay).toBeNull()
  })

  test('a page takes what belongs to it, and nothing that comes after it was closed', () => {
    const page = {id: 'a', title: 'ls', lines: []}
    const state = reduced([{type: 'page', page, isNew: true}])
    const newer = {...page, lines: [[{text: 'x'}]]}
    expect(reduced([{type: 'page', page: newer, isNew: false}], SHOWN, state).overlay).toMatchObject({page: newer})
    const other = {...newer, id: 'b'}
    expect(reduced([{type: 'page', page: other, isNew: false}], SHOWN, state)).toBe(state)
    expect(reduced([{type: 'close'}, {type: 'page', page: newer, isNew: false}], SHOWN, state).overlay).toBeNull()
  })

  test('an answer replaces the question that it answers and no other', () => {
    const state = reduced([{type: 'dialog', dialog}])
    const answer = {...dialog, title: 'done'}
    expect(reduced([{type: 'replace-dialog', from: dialog, to: answer}], SHOWN, state).overlay).toEqual({
      type: 'dialog',
      dialog: answer,
    })
    expect(reduced([{type: 'replace-dialog', from: answer, to: null}], SHOWN, state)).toBe(state)
  })
})

describe('orders of the view', () => {
  test('sorts come one after the other, and begin anew', () => {
    const sorts = [1, 2, 3].map(count => reduced(Array(count).fill({type: 'sort'})).views.overview.sort)
    expect(sorts).toEqual(['name', 'since', 'problem'])
  })

  test('no node before the first or after the last is chosen', () => {
    const node = (...by: readonly number[]): number =>
      reduced(by.map((count): DashboardAction => ({type: 'choose-node', by: count}))).node
    expect([node(1), node(1, 1, 1), node(-1)]).toEqual([1, 2, 0])
  })

  test('a search that finds nothing says so, as one without words', () => {
    expect(reduced([{type: 'search', by: 1}]).message?.text).toMatch(/nothing was searched/)
    const lost = reduced([{type: 'search', by: 1}], SHOWN, {...initialState(false), search: 'nowhere'})
    expect(lost.message?.text).toBe('no row has "nowhere"')
    expect(cursor(reduced([{type: 'search', by: -1}], SHOWN, {...initialState(false), search: 'row'}))).toBe(29)
  })
})

describe('a line that is typed', () => {
  const edit = (text: string, ...names: readonly string[]) =>
    names.reduce(
      (input, name) => editText(input, {name, text: [...name].length === 1 ? name : ''}) ?? input,
      textInput(text),
    )

  test.each([
    ['ab', ['c'], 'abc', 3],
    ['ab', ['left', 'c'], 'acb', 2],
    ['ab', ['home', 'delete'], 'b', 0],
    ['ab', ['backspace', 'backspace', 'backspace'], '', 0],
    ['vrrp why VI_1', ['ctrl-w'], 'vrrp why ', 9],
    ['ab cd', ['left', 'ctrl-u'], 'd', 0],
    ['ab cd', ['home', 'right', 'ctrl-k'], 'a', 1],
    ['ä😀', ['left', 'backspace'], '😀', 0],
  ] as const)('"%s" with %j is "%s"', (text, names, result, at) => {
    expect(edit(text, ...names)).toEqual({text: result, at})
  })

  test('leaves keys alone that are not for it, and has an end', () => {
    expect(editText(textInput('a'), {name: 'up', text: ''})).toBeUndefined()
    expect(edit('x'.repeat(1_000), 'y').text).toHaveLength(1_000)
  })
})
