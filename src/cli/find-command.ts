/** What the words of a command line ask for. */
export type Found =
  | {readonly type: 'command'; readonly id: string; readonly argv: readonly string[]}
  | {readonly type: 'help'; readonly words: readonly string[]}
  | {readonly type: 'version'}
  | {readonly type: 'unknown'; readonly words: readonly string[]; readonly suggestion: string | undefined}

/** Reads `TOPIC VERB …` or `TOPIC TOPIC VERB …`; knows commands by their ids, `topic:verb` and `topic:topic:verb`. */
export function findCommand(argv: readonly string[], ids: readonly string[]): Found {
  const [first] = argv
  if (first === '--version' || first === '-v' || first === 'version') return {type: 'version'}
  if (first === 'help') return helpFor(argv.slice(1), ids)
  if (asksForHelp(argv))
    return helpFor(
      argv.filter(word => !HELP_FLAGS.includes(word)),
      ids,
    )
  const command = commandIn(argv, ids)
  if (command !== undefined) return {type: 'command', id: command.join(':'), argv: argv.slice(command.length)}
  return helpFor(argv, ids)
}

const HELP_FLAGS = ['--help', '-h']

/** A flag after `--` belongs to somebody else. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end === -1 ? argv : argv.slice(0, end)).some(word => HELP_FLAGS.includes(word))
}

/** No words, a topic, or a command with what follows it: the help. Anything else is unknown. */
function helpFor(argv: readonly string[], ids: readonly string[]): Found {
  const words = argv.filter(word => !word.startsWith('-'))
  if (words.length === 0) return argv.length > 0 ? unknown(argv, ids) : {type: 'help', words: []}
  const command = commandIn(words, ids)
  if (command !== undefined) return {type: 'help', words: command}
  if (isTopic(words, ids)) return {type: 'help', words}
  // What follows the first word that is wrong says nothing.
  const right = words.findIndex((_, at) => !isTopic(words.slice(0, at + 1), ids))
  return unknown(words.slice(0, Math.max(right + 1, Math.min(2, words.length))), ids)
}

/** The words that a command line begins with and that are a command. */
function commandIn(words: readonly string[], ids: readonly string[]): readonly string[] | undefined {
  const lengths = Array.from({length: MOST_WORDS - 1}, (_, at) => MOST_WORDS - at)
  const length = lengths.find(count => count <= words.length && ids.includes(words.slice(0, count).join(':')))
  return length === undefined ? undefined : words.slice(0, length)
}

/** So many words name a command at most: two topics and a verb. */
const MOST_WORDS = 3

const isTopic = (words: readonly string[], ids: readonly string[]): boolean =>
  ids.some(id => id.startsWith(`${words.join(':')}:`))

function unknown(words: readonly string[], ids: readonly string[]): Found {
  return {type: 'unknown', words, suggestion: nearest(words.join(' '), ids)}
}

/** The most that a word may differ and still be taken for a slip of the finger. */
const MAX_DISTANCE = 3

function nearest(given: string, ids: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = MAX_DISTANCE + 1
  for (const id of ids) {
    const name = id.replaceAll(':', ' ')
    const distance = editDistance(given.slice(0, 40), name)
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions and replacements that make `b` out of `a` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({length: b.length + 1}, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
