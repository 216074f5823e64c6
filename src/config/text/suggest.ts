/** The candidate that is most like a misspelt word, if one is close enough to be meant. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length < 3 || word.length > 40) return undefined
  const limit = word.length < 5 ? 1 : word.length < 9 ? 2 : 3
  const lower = word.toLowerCase().replace(/[:;,=]+$/, '')
  let best: string | undefined
  let bestDistance = limit + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - lower.length) > limit) continue
    const distance = editDistance(lower, candidate.toLowerCase(), bestDistance)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The first character that looks like one with a meaning here: where it is, what it is, what was probably meant. */
export function lookAlike(text: string): {readonly index: number; readonly hint: string} | undefined {
  const match = LOOK_ALIKES.exec(text)
  if (!match) return undefined
  const c = match[0]
  const code = `U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  const meant = /[\u201c-\u201f\u00ab\u00bb\uff02]/.test(c)
    ? `a typographic quote (${code}): write "`
    : /[\u2018-\u201b]/.test(c)
      ? `a typographic apostrophe (${code}): write ' or "`
      : c === '\uff5b' || c === '\uff5d'
        ? `a full-width brace (${code}): write ${c === '\uff5b' ? '{' : '}'}`
        : /[\uff01\uff03]/.test(c)
          ? `a full-width character (${code}): write # to begin a comment`
          : `an invisible or wide space (${code}): write an ordinary space`
  return {index: match.index, hint: meant}
}

const SPACES = '\\u00a0\\u1680\\u2000-\\u200b\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff'
const MARKS = '\\u00ab\\u00bb\\u2018-\\u201f\\uff01-\\uff03\\uff5b\\uff5d'
const LOOK_ALIKES = new RegExp(`[${SPACES}${MARKS}]`)

/** Levenshtein's distance where two neighbours exchanged count as one mistake; `atMost` where it is that or more. */
function editDistance(a: string, b: string, atMost: number): number {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let [aEnd, bEnd] = [a.length, b.length]
  while (aEnd > start && bEnd > start && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--
    bEnd--
  }
  const width = bEnd - start
  let beforeLast: number[] = []
  let last = Array.from({length: width + 1}, (_, j) => j)
  for (let i = 1; i <= aEnd - start; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= width; j++) {
      const [x, y] = [a.charCodeAt(start + i - 1), b.charCodeAt(start + j - 1)]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (x === y ? 0 : 1))
      if (i > 1 && j > 1 && x === b.charCodeAt(start + j - 2) && y === a.charCodeAt(start + i - 2)) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(cost)
      if (cost < least) least = cost
    }
    // An exchange reaches over one row, so the next may still be one better than this.
    if (least > atMost) return atMost
    beforeLast = last
    last = row
  }
  return last[width] ?? 0
}
