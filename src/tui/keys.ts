import type {ClusterPicture} from '../watch/model.ts'
import {VIEW_IDS, type ViewId} from './model.ts'
import type {DashboardAction} from './state.ts'

/** One key that was pressed. */
export interface Key {
  /** "j", "T", "enter", "escape", "up", "pagedown", "shift-tab", "backspace", "ctrl-c"; "space" for a blank. */
  readonly name: string
  /** What it types; empty for a key that types nothing. */
  readonly text: string
}

/** What one key, or several that mean the same, do on a view. */
export interface KeyBinding {
  /** By their names in `Key`. */
  readonly names: readonly string[]
  /** As the help shows them: "j/k". */
  readonly shown: string
  readonly words: string
  readonly group: KeyGroup
  /** In the line at the bottom, shorter; without it there is no room for it there. */
  readonly short?: string
  readonly action: (key: Key, picture: ClusterPicture) => DashboardAction | 'quit' | 'suspend'
}

/** Headings of the help. */
export const KEY_GROUPS = ['moving', 'views', 'looking', 'leaving'] as const
export type KeyGroup = (typeof KEY_GROUPS)[number]

/** Every key that a view knows but the orders', which are in actions.ts; help and bottom line are made of it. */
export const KEYS: readonly KeyBinding[] = [
  {
    names: ['j', 'down', 'k', 'up'],
    shown: 'j/k arrows',
    words: 'one row down, up',
    group: 'moving',
    action: ({name}) => ({type: 'move', by: name === 'j' || name === 'down' ? 1 : -1}),
  },
  {
    names: ['pagedown', 'ctrl-f', 'pageup', 'ctrl-b'],
    shown: 'PgDn/PgUp',
    words: 'a screen down, up',
    group: 'moving',
    action: ({name}) => ({type: 'move-pages', by: name === 'pagedown' || name === 'ctrl-f' ? 1 : -1}),
  },
  {
    names: ['g', 'home', 'G', 'end'],
    shown: 'g/G',
    words: 'to the first row, to the last',
    group: 'moving',
    action: ({name}) => ({type: 'move-to', end: name === 'g' || name === 'home' ? 'first' : 'last'}),
  },
  {
    names: ['h', 'left', 'l', 'right'],
    shown: 'h/l',
    words: 'choose the node before, the node after: orders and command lines go there',
    short: 'node',
    group: 'moving',
    action: ({name}) => ({type: 'choose-node', by: name === 'l' || name === 'right' ? 1 : -1}),
  },
  {
    names: ['enter'],
    shown: 'Enter',
    words: 'fold a row out or in, or open everything about it',
    short: 'open',
    group: 'moving',
    action: () => ({type: 'open'}),
  },
  {
    names: ['escape'],
    shown: 'Esc',
    words: 'close what is on top; take the filter away',
    group: 'moving',
    action: () => ({type: 'close'}),
  },
  {
    names: VIEW_IDS.map((_, at) => String(at + 1)),
    shown: `1-${VIEW_IDS.length}`,
    words: VIEW_IDS.join(', '),
    group: 'views',
    action: ({name}) => ({type: 'view', view: viewOfDigit(name)}),
  },
  {
    names: ['tab', 'shift-tab'],
    shown: 'Tab',
    words: 'the next view; with Shift the one before',
    short: 'view',
    group: 'views',
    action: ({name}) => ({type: 'next-view', by: name === 'tab' ? 1 : -1}),
  },
  {
    names: ['/'],
    shown: '/',
    words: 'search: goes to the next row with these words',
    short: 'search',
    group: 'looking',
    action: () => ({type: 'prompt', purpose: 'search'}),
  },
  {
    names: ['n', 'N'],
    shown: 'n/N',
    words: 'the next row that was searched for, the one before',
    group: 'looking',
    action: ({name}) => ({type: 'search', by: name === 'n' ? 1 : -1}),
  },
  {
    names: ['f'],
    shown: 'f',
    words: 'filter: shows only rows with these words',
    short: 'filter',
    group: 'looking',
    action: () => ({type: 'prompt', purpose: 'filter'}),
  },
  {
    names: ['s'],
    shown: 's',
    words: 'sort by something else',
    short: 'sort',
    group: 'looking',
    action: () => ({type: 'sort'}),
  },
  {
    names: ['space'],
    shown: 'space',
    words: 'hold the screen still; once more: go on',
    short: 'pause',
    group: 'looking',
    action: (_, picture) => ({type: 'pause', picture}),
  },
  {
    names: [':'],
    shown: ':',
    words: 'any hactl command line, for the chosen node: ":vrrp why VI_1"',
    short: 'command',
    group: 'looking',
    action: () => ({type: 'prompt', purpose: 'command'}),
  },
  {
    names: ['?'],
    shown: '?',
    words: 'this help',
    short: 'help',
    group: 'leaving',
    action: () => ({type: 'help'}),
  },
  {
    names: ['q', 'ctrl-c'],
    shown: 'q Ctrl-C',
    words: 'leave',
    short: 'quit',
    group: 'leaving',
    action: () => 'quit',
  },
  {
    names: ['ctrl-z'],
    shown: 'Ctrl-Z',
    words: 'back to the shell for now; "fg" returns',
    group: 'leaving',
    action: () => 'suspend',
  },
]

/** What a key does on a view. */
export const bindingOf = (key: Key): KeyBinding | undefined => BY_NAME.get(key.name)

/** The parts of Ink's `Key` that tell one from another. */
export interface InkKey {
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly leftArrow: boolean
  readonly rightArrow: boolean
  readonly pageDown: boolean
  readonly pageUp: boolean
  readonly home: boolean
  readonly end: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly ctrl: boolean
  readonly shift: boolean
  readonly tab: boolean
  readonly backspace: boolean
  readonly delete: boolean
}

/** The keys in what Ink read at once: what is pasted, or typed quickly, comes as one text. */
export function keysOf(input: string, ink: InkKey): readonly Key[] {
  const named = NAMED.find(([flag]) => ink[flag])?.[1]
  if (named !== undefined) return [{name: ink.shift && named === 'tab' ? 'shift-tab' : named, text: ''}]
  if (ink.ctrl) return input === '' ? [] : [{name: `ctrl-${input}`, text: ''}]
  return [...input].slice(0, MAX_PASTE).map(keyOf)
}

/** More than a person can have meant, characters. */
const MAX_PASTE = 1_000

const NAMED: readonly (readonly [Exclude<keyof InkKey, 'ctrl' | 'shift'>, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pagedown'],
  ['pageUp', 'pageup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['tab', 'tab'],
  // Terminals send 0x7f for Backspace, which Ink calls Delete; the key Delete is seldom there.
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
]

function keyOf(character: string): Key {
  switch (character) {
    case ' ':
      return {name: 'space', text: ' '}
    case '\r':
    case '\n':
      return {name: 'enter', text: ''}
    case '\t':
      return {name: 'tab', text: ''}
    case '\x7f':
    case '\b':
      return {name: 'backspace', text: ''}
    case '\x1b':
      return {name: 'escape', text: ''}
    default:
      if (character < ' ') return {name: `ctrl-${String.fromCharCode(character.charCodeAt(0) + 0x60)}`, text: ''}
      return {name: character, text: character}
  }
}

const BY_NAME = new Map(KEYS.flatMap(binding => binding.names.map(name => [name, binding] as const)))

const viewOfDigit = (digit: string): ViewId => VIEW_IDS[Number(digit) - 1] ?? 'overview'
