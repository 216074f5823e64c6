import type {Key} from './keys.ts'

/** One line that is typed. */
export interface TextInput {
  readonly text: string
  /** Where the next character goes, in characters as people count them. */
  readonly at: number
}

/** Longer than any command line that a person types here, characters. */
const MAX_LENGTH = 1_000

/** Nothing typed yet, or a text to begin with. */
export const textInput = (text = ''): TextInput => ({text, at: [...text].length})

/** What a key does to the line, with the keys that a shell's line has; undefined: the key is not for it. */
export function editText(input: TextInput, key: Key): TextInput | undefined {
  const before = [...input.text].slice(0, input.at)
  const after = [...input.text].slice(input.at)
  const made = (left: readonly string[], right: readonly string[]): TextInput => ({
    text: [...left, ...right].slice(0, MAX_LENGTH).join(''),
    at: Math.min(left.length, MAX_LENGTH),
  })
  switch (key.name) {
    case 'left':
    case 'ctrl-b':
      return {...input, at: Math.max(0, input.at - 1)}
    case 'right':
    case 'ctrl-f':
      return {...input, at: Math.min(before.length + after.length, input.at + 1)}
    case 'home':
    case 'ctrl-a':
      return {...input, at: 0}
    case 'end':
    case 'ctrl-e':
      return {...input, at: before.length + after.length}
    case 'backspace':
      return made(before.slice(0, -1), after)
    case 'delete':
    case 'ctrl-d':
      return made(before, after.slice(1))
    case 'ctrl-u':
      return made([], after)
    case 'ctrl-k':
      return made(before, [])
    case 'ctrl-w':
      return made([...before.join('').replace(/\S*\s*$/, '')], after)
    default:
      return key.text === '' ? undefined : made([...before, ...key.text], after)
  }
}
