import {readFileSync} from 'node:fs'
import type {Diagnostic, LoadedConfig} from '../../src/config/config.ts'
import {CORPUS} from './support.ts'

/** What the real program said about one file. */
export interface Label {
  readonly path: string
  readonly exit: string
  /** What it complained about, each once: without what its host lacked, or how it was built. */
  readonly complaints: readonly Complaint[]
}

/** One message, and the line that it names. */
export interface Complaint {
  readonly line: number | undefined
  readonly text: string
}

/**
 * How our verdict stands to the real one. `agree`: both accept, or both complain about the same line or block;
 * `elsewhere`: both complain, but about other places; `milder`: we only warn there; `missed`: we say nothing;
 * `stricter`: we see an error where it sees none.
 */
export type Standing = 'agree' | 'elsewhere' | 'milder' | 'missed' | 'stricter'

/** The labels of a folder of the corpus; where there are two versions, those of the newer. */
export function labelsOf(folder: string): readonly Label[] {
  const [head = '', ...rows] = readFileSync(`${CORPUS}${folder}/labels.tsv`, 'utf8').trimEnd().split('\n')
  const columns = head.split('\t')
  const column = (row: readonly string[], ...names: readonly string[]): string => {
    const name = names.find(candidate => columns.includes(candidate)) ?? ''
    return row[columns.indexOf(name)] ?? ''
  }
  return rows.map(text => {
    const row = text.split('\t')
    const all = column(row, 'messages-2.4.3', 'messages')
    const messages = all.split(' | ').filter(message => !followsFromHost(message, all))
    return {
      path: `${folder}/${column(row, 'file')}`,
      exit: column(row, 'exit-2.4.3', 'exit'),
      complaints: distinct(messages.filter(message => message !== '' && !ASIDE.some(aside => aside.test(message)))),
    }
  })
}

/** Compares our findings with what the real program said. */
export function standingOf({complaints, exit}: Label, loaded: LoadedConfig): Standing {
  const found = loaded.diagnostics.filter(({class: kind}) => kind !== 'environment' && kind !== 'security')
  const errors = found.filter(({severity}) => severity === 'error')
  // It crashed or hung, so it has no verdict.
  if (CRASHES.has(exit)) return 'agree'
  if (complaints.length === 0 || exit === '0') return errors.length === 0 ? 'agree' : 'stricter'
  if (complaints.some(complaint => errors.some(error => samePlace(complaint, error, loaded)))) return 'agree'
  if (errors.length > 0) return 'elsewhere'
  return found.some(({severity}) => severity === 'warning') ? 'milder' : 'missed'
}

const CRASHES: ReadonlySet<string> = new Set(['-11', '-6', '124', '134', '143'])

/** Messages about the host, the way it was built, or that only follow from those. */
const ASIDE: readonly RegExp[] = [
  /not found\/accessible/,
  /SECURITY VIOLATION/,
  /WARNING - interface .* doesn't exist/,
  /WARNING - VRF interface .* doesn't exist/,
  /^WARNING - interface\s*$/,
  /Non-existent interface specified/,
  /unknown interface .* specified for linkbeat/,
  /Error setting global script uid/,
  /Unable to set default user|Unable to set uid\/gid|Failed to set uid\/gid/,
  /Invalid smtp server/,
  /Config files missing/,
  /iptables not supported/,
  /default user .* does not exist/,
  /^\(?[\w.-]*\.?con?f?$/,
  /unknown interface .* specified for up\/down delay/,
  /Routing table .* not found|VRF .* not found|VMAC group .* not found/,
  /already exists and is not a private macvlan/,
  /has no permission|not executable|No such file/,
]

/** A script that was taken away for its user or its file is not there to be tracked. */
function followsFromHost(message: string, all: string): boolean {
  const script = /track script (\S+) not found/.exec(message)?.[1]
  return (
    script !== undefined &&
    (all.includes(`vrrp script ${script} - removing`) ||
      all.includes(`Disabling track script ${script} `) ||
      all.includes('Unable to set uid/gid for script'))
  )
}

const distinct = (messages: readonly string[]): readonly Complaint[] =>
  [...new Set(messages)].map(text => {
    const line = /Line (\d+)\)/.exec(text)?.[1]
    return {line: line === undefined ? undefined : Number(line), text}
  })

/** The same line, a neighbouring one (a brace), or the block that both stand in or name. */
function samePlace({line, text}: Complaint, {position, message}: Diagnostic, loaded: LoadedConfig): boolean {
  if (line !== undefined && Math.abs(line - position.line) <= 1) return true
  const name = /\(([^():]+)\)/.exec(text.replace(/\([^()]*Line \d+\)/, ''))?.[1]
  if (name !== undefined && (message.startsWith(`${name}:`) || message.includes(` ${name} `))) return true
  const theirs = line === undefined ? undefined : blockAt(loaded, line)
  const ours = blockAt(loaded, position.line)
  if (theirs !== undefined) return theirs === ours
  return line === undefined && (name === undefined || ours === name)
}

/** The outermost block that a line stands in, by the number of its first line; 0 outside of blocks. */
function blockAt(loaded: LoadedConfig, line: number): number | string {
  const text = loaded.texts.get(loaded.files[0] ?? '') ?? ''
  let depth = 0
  let start = 0
  const lines = text.split('\n')
  for (let i = 0; i < Math.min(line, lines.length); i++) {
    const plain = (lines[i] ?? '').replace(/"[^"]*"/g, '').replace(/[#!].*/, '')
    for (const c of plain) {
      if (c === '{' && depth++ === 0) start = i + 1
      else if (c === '}' && --depth === 0 && i + 1 < line) start = 0
    }
  }
  return start
}
