import type {FormatLine} from './format-line.ts'

/**
 * The lines whose braces do not count: of lines with conditions that follow one another, those of one condition count,
 * where each condition opens or closes as many blocks (`@one vrrp_instance A {`, `@two vrrp_instance B {`).
 */
export function alternatives(lines: readonly FormatLine[]): ReadonlySet<number> {
  const uncounted = new Set<number>()
  let group: {readonly condition: string; readonly at: number; readonly change: number}[] = []
  const finish = (): void => {
    const changes = new Map<string, number>()
    for (const {condition, change} of group) changes.set(condition, (changes.get(condition) ?? 0) + change)
    const [first, ...others] = changes
    const same = first !== undefined && first[1] !== 0 && others.every(([, change]) => change === first[1])
    if (same) for (const {condition, at} of group) if (condition !== first[0]) uncounted.add(at)
    group = []
  }
  for (const [at, line] of lines.entries()) {
    if (line.type === 'exact' && line.condition !== undefined) {
      group.push({condition: line.condition, at, change: changeOf(line)})
    } else if (line.type !== 'comment' && line.type !== 'blank') finish()
  }
  finish()
  return uncounted
}

const changeOf = ({pieces}: Extract<FormatLine, {type: 'exact'}>): number =>
  pieces.reduce((sum, {type}) => sum + (type === 'open' ? 1 : type === 'close' ? -1 : 0), 0)
