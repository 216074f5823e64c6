/** What can be wrong with an include that may stop the reading. `include_check` of keepalived.conf(5). */
export type IncludeCheck = 'read' | 'match' | 'wildcard_match' | 'brace_match'

/** The checks, in the order in which they are written. */
export const INCLUDE_CHECKS: readonly IncludeCheck[] = ['read', 'match', 'wildcard_match', 'brace_match']

/** A word of `include_check` that is not permitted. */
export interface IncludeCheckProblem {
  /** Which word it is, from 0. */
  readonly index: number
  readonly problem: 'unknown' | 'sign-missing'
}

/**
 * What the words of an `include_check` make of the checks that hold before it: a first word without a sign replaces
 * them (and brings `read` with it), `+` adds and `-` takes away; no word at all means every check.
 */
export function applyIncludeCheck(
  words: readonly string[],
  before: readonly IncludeCheck[],
): {readonly checks: readonly IncludeCheck[]; readonly problems: readonly IncludeCheckProblem[]} {
  if (words.length === 0) return {checks: INCLUDE_CHECKS, problems: []}
  const problems: IncludeCheckProblem[] = []
  const checks = new Set(before)
  words.forEach((word, index) => {
    const sign = /^[-+]/.exec(word)?.[0]
    const check = INCLUDE_CHECKS.find(name => name === word.slice(sign?.length ?? 0))
    if (sign === undefined && index === 0) checks.clear()
    if (!check) problems.push({index, problem: 'unknown'})
    else if (sign === undefined && index > 0) problems.push({index, problem: 'sign-missing'})
    else if (sign === '-') checks.delete(check)
    else {
      checks.add(check)
      if (sign === undefined) checks.add('read')
    }
  })
  return {checks: INCLUDE_CHECKS.filter(check => checks.has(check)), problems}
}

/** The words of an `include_check` that means these checks whatever holds before it. */
export function writtenIncludeCheck(checks: readonly IncludeCheck[]): string {
  if (checks.length === INCLUDE_CHECKS.length) return ''
  const [first = 'read', ...others] = checks.filter(check => check !== 'read')
  const words = [first, ...others.map(check => `+${check}`), ...(checks.includes('read') ? [] : ['-read'])]
  return words.join(' ')
}

/** The checks that an include has besides those of `include_check`, by its keyword. */
export const CHECKS_OF_INCLUDE: {readonly [keyword: string]: readonly IncludeCheck[]} = {
  include: [],
  includer: ['read'],
  includem: ['read', 'match'],
  includew: ['read', 'match', 'wildcard_match'],
  includeb: ['read', 'brace_match'],
  includea: INCLUDE_CHECKS,
}
