import {closest} from '../text/suggest.ts'

/** What to do about a name that nothing of its kind has: it may be misspelt, or what it names is missing. */
export function definitionHint(kind: string, name: string, known: Iterable<string>): string {
  const meant = closest(name, known)
  return meant === undefined ? `define it: ${kind} ${name} { … }` : `did you mean ${meant}?`
}
