import {expect, test} from 'vitest'
import {beginAction, type CarryOut} from '../../src/tui/action-dialog.ts'
import {ACTIONS} from '../../src/tui/actions.ts'
import {ASCII_GLYPHS} from '../../src/tui/glyphs.ts'
import {lineWidth, plainText} from '../../src/tui/lines.ts'
import type {Drawing, Subject} from '../../src/tui/model.ts'
import type {DashboardAction, Dialog} from '../../src/tui/state.ts'
import {clusterPicture} from '../../src/watch/cluster-picture.ts'
import type {ClusterPicture} from '../../src/watch/model.ts'
import {NOW_MS, node, real, realOut, service} from '../watch/nodes.ts'

const SERVICE = '10.0.0.10:80/tcp'
const SUBJECT: Subject = {type: 'real', service: SERVICE, real: '10.0.0.1:80'}
const DRAWING: Drawing = {width: 80, glyphs: ASCII_GLYPHS, node: 0, history: () => []}

/** Two nodes with two real servers, of which the second is in service or not. */
function pictureOf(isSecondIn: boolean, names: readonly string[] = ['lb1', 'lb2']): ClusterPicture {
  const second = isSecondIn ? real('10.0.0.2:80') : realOut('10.0.0.2:80')
  const has = [service([real('10.0.0.1:80', {weight: 3}), second])]
  return clusterPicture(
    names.map(name => node(name, [], {has})),
    NOW_MS,
  )
}

/** A dialog that a test types into. */
function opened(key: string, run: CarryOut = async () => []) {
  let picture = pictureOf(true)
  const dispatched: DashboardAction[] = []
  const action = ACTIONS.find(each => each.key === key)
  if (action === undefined) throw new Error(`there is no ${key}`)
  const begun = beginAction(action, {picture, subject: SUBJECT, node: 0}, run)
  if (typeof begun === 'string') throw new Error(begun)
  let dialog: Dialog | null = begun
  return {
    dispatched,
    type: (...names: readonly string[]): void => {
      for (const name of names) {
        const text = name.length === 1 ? name : ''
        dialog = dialog === null ? null : dialog.key({name, text}, {picture, dispatch: each => dispatched.push(each)})
      }
    },
    isOpen: () => dialog !== null,
    becomes: (next: ClusterPicture) => {
      picture = next
    },
    replaced: () => {
      for (const each of dispatched) if (each.type === 'replace-dialog') dialog = each.to
    },
    shown: (height = 20): readonly string[] => (dialog?.lines(picture, DRAWING, height) ?? []).map(plainText),
    text: (): string => (dialog?.lines(picture, DRAWING, 20) ?? []).map(plainText).join('\n'),
  }
}

/** Remembers what it was to carry out. */
function recorder() {
  const lines: string[] = []
  const run: CarryOut = async steps => {
    lines.push(...steps.map(({commandLine}) => commandLine))
    return steps.map(({node: {name}}) => ({node: name, ok: name !== 'lb2', lines: [`said by ${name}`]}))
  }
  return {lines, run}
}

test('No is chosen, and Enter on it does nothing', () => {
  const {lines, run} = recorder()
  const dialog = opened('D', run)
  dialog.type('d', 'i', 's', 'k', 'enter')
  expect(dialog.text()).toContain('>[ No ]   [ Yes ]')
  expect(dialog.text()).toContain('--host ssh://lb1 \\\n    --reason disk')
  dialog.type('enter')
  expect(dialog.isOpen()).toBe(false)
  expect(lines).toEqual([])
  expect(dialog.dispatched).toEqual([{type: 'message', message: {text: 'nothing was done', tone: 'dim'}}])
})

test.each([
  ['n', ['n']],
  ['Esc', ['escape']],
  ['Esc while a reason is typed', []],
])('%s does nothing', (_what, keys) => {
  const {lines, run} = recorder()
  const dialog = opened('D', run)
  dialog.type(...(keys.length === 0 ? ['x', 'escape'] : ['enter', ...keys]))
  expect(dialog.isOpen()).toBe(false)
  expect(lines).toEqual([])
})

test.each([
  ['y', ['y']],
  ['Enter on Yes', ['tab', 'enter']],
])('%s carries it out, and what each node said is shown', async (_what, keys) => {
  const {lines, run} = recorder()
  const dialog = opened('D', run)
  dialog.type('enter', ...keys)
  expect(lines).toHaveLength(2)
  expect(dialog.text()).toContain('waiting for lb1, lb2')
  await expect.poll(() => dialog.dispatched).toHaveLength(1)
  dialog.replaced()
  expect(dialog.text()).toContain('+ DONE  lb1\n  said by lb1\nX FAILED  lb2\n  said by lb2')
  dialog.type('z')
  expect(dialog.isOpen()).toBe(false)
})

test('whoever does not wait hears the end in a line', async () => {
  const dialog = opened('D', recorder().run)
  dialog.type('enter', 'y', 'escape')
  expect(dialog.isOpen()).toBe(false)
  await expect.poll(() => dialog.dispatched).toHaveLength(1)
  expect(dialog.dispatched).toEqual([{type: 'message', message: {text: 'FAILED on lb2: said by lb2', tone: 'bad'}}])
})

test('a yes to what has changed meanwhile is asked again', () => {
  const {lines, run} = recorder()
  const dialog = opened('D', run)
  dialog.type('enter')
  dialog.becomes(pictureOf(false))
  expect(dialog.text()).toContain('~ CHANGED since this was asked: Yes asks again')
  dialog.type('y')
  expect(lines).toEqual([])
  expect(dialog.text()).toContain('~ CHANGED while the question stood: look again')
  expect(dialog.text()).toContain(`NO real server of ${SERVICE} is left`)
  expect(dialog.text()).toContain('>[ No ]')
  dialog.type('y')
  expect(lines).toHaveLength(2)
})

test('a yes to what is not there any more is refused', () => {
  const {lines, run} = recorder()
  const dialog = opened('D', run)
  dialog.type('enter')
  dialog.becomes(clusterPicture([node('lb1')], NOW_MS))
  dialog.type('y')
  expect(dialog.text()).toContain('NOT DONE  no node that answers has 10.0.0.1:80')
  expect(lines).toEqual([])
})

test('o asks about one node after the other, and then all again', () => {
  const dialog = opened('D')
  dialog.type('enter')
  const titles = [0, 1, 2].map(() => {
    dialog.type('o')
    return dialog.shown().filter(line => line.startsWith('  hactl lvs')).length
  })
  expect(titles).toEqual([1, 1, 2])
})

test('a weight that is none is not taken', () => {
  const dialog = opened('W')
  dialog.type('x', 'enter')
  expect(dialog.text()).toContain('X a whole number from 0 to 2147483647')
  dialog.type('ctrl-u', '9', 'enter')
  expect(dialog.text()).toContain('weight 3 -> 9')
})

test('however many nodes there are, it fits into 80 columns and the rows there are, with its answers', () => {
  const dialog = opened('D')
  const names = Array.from({length: 30}, (_, i) => `director-${i}`)
  dialog.becomes(pictureOf(false, names))
  dialog.type(...'a reason that takes more than half of a line, and then some more of it'.split(''), 'enter')
  for (const height of [8, 12, 20]) {
    const lines = dialog.shown(height)
    expect(lines.length).toBeLessThanOrEqual(height)
    expect(Math.max(...lines.map(line => lineWidth([{text: line}])))).toBeLessThanOrEqual(80)
    expect(lines.at(-2)).toContain('[ No ]')
  }
  expect(dialog.shown(20)[0]).toContain('NO real server')
})
