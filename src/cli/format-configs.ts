import {formatConfig} from '../config/format/format.ts'
import {readForRewriting} from '../config/rewrite-file.ts'
import {standardInput} from './config-source.ts'

/** What formatting a file came to. */
export interface FormattedFile {
  /** As it was named; `-` is standard input. */
  readonly file: string
  readonly text: string
  readonly changed: boolean
  /** Why it was left as it is, and the line; null: it was not. */
  readonly leftAlone: {readonly line: number; readonly reason: string} | null
}

/** Formats files, and standard input for `-`, without writing any. Throws `HactlError` for one that cannot be read. */
export async function formatFiles(names: readonly string[]): Promise<readonly FormattedFile[]> {
  const formatted: FormattedFile[] = []
  for (const file of names) {
    const before = file === '-' ? await standardInput() : readForRewriting(file)
    const {text, changed, leftAlone} = formatConfig(before)
    formatted.push({file, text, changed, leftAlone: leftAlone ?? null})
  }
  return formatted
}
