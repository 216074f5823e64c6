/** Splits `a{b,c}d` into `abd` and `acd`, nested too, as GLOB_BRACE of <glob.h> does; at most `limit` of them. */
export function expandBraces(pattern: string, limit = 1_000): readonly string[] {
  const done: string[] = []
  const open = [pattern]
  for (let current = open.shift(); current !== undefined && done.length < limit; current = open.shift()) {
    const parts = firstBraces(current)
    if (!parts) done.push(current)
    else if (open.length < limit) {
      open.unshift(...parts.choices.map(choice => parts.before + choice + parts.after))
    }
  }
  return done
}

/** True when a name has a character that makes it a pattern. */
export const isPattern = (name: string): boolean => /[*?[]/.test(name)

/**
 * True when a file name matches `*`, `?` and `[…]`; a leading dot has to be matched by a dot. Takes time in
 * proportion to the product of both lengths, whatever the pattern.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false
  const tokens = globTokens(pattern)
  let reachable = new Set([0])
  const skipStars = (states: Set<number>): Set<number> => {
    for (const state of states) if (tokens[state] === '*') states.add(state + 1)
    return states
  }
  reachable = skipStars(reachable)
  for (const c of name) {
    const next = new Set<number>()
    for (const state of reachable) {
      const token = tokens[state]
      if (token === '*') next.add(state)
      else if (typeof token === 'function' && token(c)) next.add(state + 1)
    }
    reachable = skipStars(next)
  }
  return reachable.has(tokens.length)
}

type GlobToken = '*' | ((c: string) => boolean)

function globTokens(pattern: string): readonly GlobToken[] {
  const tokens: GlobToken[] = []
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] ?? ''
    if (c === '*') tokens.push('*')
    else if (c === '?') tokens.push(() => true)
    else if (c === '[') {
      const set = characterSet(pattern, i)
      tokens.push(set?.matches ?? (given => given === '['))
      if (set) i = set.end
    } else if (c === '\\' && i + 1 < pattern.length) {
      const literal = pattern[++i]
      tokens.push(given => given === literal)
    } else tokens.push(given => given === c)
  }
  return tokens
}

function characterSet(pattern: string, start: number): {end: number; matches: (c: string) => boolean} | undefined {
  const negated = pattern[start + 1] === '!' || pattern[start + 1] === '^'
  const first = start + (negated ? 2 : 1)
  const end = pattern.indexOf(']', first + 1)
  if (end < 0) return undefined
  const ranges: [string, string][] = []
  for (let i = first; i < end; i++) {
    const from = pattern[i] ?? ''
    const to = pattern[i + 1] === '-' && i + 2 < end ? (pattern[i + 2] ?? from) : from
    if (to !== from || pattern[i + 1] === '-') i += i + 2 < end ? 2 : 0
    ranges.push([from, to])
  }
  return {end, matches: c => ranges.some(([from, to]) => c >= from && c <= to) !== negated}
}

function firstBraces(pattern: string): {before: string; choices: string[]; after: string} | undefined {
  for (let start = pattern.indexOf('{'); start >= 0; start = pattern.indexOf('{', start + 1)) {
    let depth = 0
    const cuts = [start]
    for (let i = start; i < pattern.length; i++) {
      if (pattern[i] === '{') depth++
      else if (pattern[i] === ',' && depth === 1) cuts.push(i)
      else if (pattern[i] === '}' && --depth === 0) {
        cuts.push(i)
        const choices = cuts.slice(1).map((cut, n) => pattern.slice((cuts[n] ?? 0) + 1, cut))
        return {before: pattern.slice(0, start), choices, after: pattern.slice(i + 1)}
      }
    }
  }
  return undefined
}
