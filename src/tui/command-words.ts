import {DEFAULT_SOCKET} from '../control/socket-paths.ts'
import {quoted} from '../control/ssh.ts'
import type {NodeAddress} from '../watch/model.ts'
import {widthOf, wrapText} from './lines.ts'

/** A command of hactl, in its parts. */
export interface CommandWords {
  /** "vrrp", "release" */
  readonly verb: readonly string[]
  readonly args: readonly string[]
  /** Flags without a value are `true`; undefined: not given. */
  readonly flags?: {readonly [name: string]: string | true | undefined}
}

/** The command line, as a POSIX shell takes it, that does the same on a node, whatever context is the current one. */
export function commandLine({verb, args, flags = {}}: CommandWords, {target}: NodeAddress): string {
  const {host, socket} = target
  const whom = {host, socket: host === undefined ? (socket ?? DEFAULT_SOCKET) : socket}
  const given = Object.entries({...whom, ...flags}).flatMap(([name, value]) =>
    value === undefined ? [] : flagWords(name, value),
  )
  // A name that begins with a dash would be taken for a flag.
  const words = args.some(arg => arg.startsWith('-')) ? [...given, '--', ...args] : [...args, ...given]
  return ['hactl', ...verb, ...words].map(shellWord).join(' ')
}

/**
 * A command line over several lines, each but the last with a backslash: a shell takes it as it stands there. A word
 * that is longer than a line is broken where it has blanks.
 */
export function commandLineParts(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let part = ''
  for (const [word] of line.matchAll(SHELL_WORDS)) {
    const longer = part === '' ? word : `${part} ${word}`
    // The backslash takes two columns.
    if (part === '' || widthOf(longer) <= width - 2) {
      part = longer
      continue
    }
    lines.push(`${part} \\`)
    part = word
  }
  return [...lines, part].flatMap(each => wrapText(each, width))
}

/** What is between blanks that are not in quotes. */
const SHELL_WORDS = /(?:'[^']*'|\\.|[^\s'\\])+/g

function flagWords(name: string, value: string | true): readonly string[] {
  if (value === true) return [`--${name}`]
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value]
}

const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))
