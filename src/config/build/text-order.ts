import type {Position} from '../config.ts'

/** Whether `later` stands after `earlier`; false where that cannot be told, as in two files. */
export function standsAfter(later: Position | undefined, earlier: Position | undefined): boolean {
  if (!later || !earlier || later.file !== earlier.file) return false
  return later.line > earlier.line || (later.line === earlier.line && later.column > earlier.column)
}
