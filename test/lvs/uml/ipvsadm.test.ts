import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {everyOptionWithEveryCommand, type IpvsadmCase, readCases} from './ipvsadm-cases.ts'
import type {IpvsadmAnswer, IpvsadmInput, IpvsadmPair} from './ipvsadm-guest.ts'

const FILES = ['ipvsadm-services.txt', 'ipvsadm-servers.txt', 'ipvsadm-others.txt', 'ipvsadm-restore.txt']
const PARTS: readonly (readonly [name: string, cases: readonly IpvsadmCase[]])[] = [
  ...FILES.map(file => [file, readCases(file)] as const),
  ['every option with every command', everyOptionWithEveryCommand()],
]
const CASES = PARTS.flatMap(([, cases]) => cases)
const AS_PROGRAM = readCases('ipvsadm-programs.txt')
const LISTS = readCases('ipvsadm-lists.txt')

/** Lines of the code blocks in disagreements.md. */
const DISAGREEMENTS = new Set(
  [
    ...readFileSync(join(import.meta.dirname, '..', 'disagreements.md'), 'utf8').matchAll(/^```\n([^`]*)^```$/gm),
  ].flatMap(([, lines = '']) => lines.split('\n').filter(line => line !== '')),
)

labSuite('hactl ipvsadm beside the real one', ['uml', 'ipvsadm'], () => {
  let seen: IpvsadmAnswer
  beforeAll(async () => {
    const input: IpvsadmInput = {cases: CASES, asProgram: AS_PROGRAM, lists: LISTS}
    seen = await runInUml({guest: join(import.meta.dirname, 'ipvsadm-guest.ts'), input, timeoutMs: 600_000})
  }, 620_000)

  it('is asked more than a thousand command lines, of which many are right and many wrong', () => {
    const right = seen.cases.filter(({real}) => real.status === 0).length
    expect(CASES.length).toBeGreaterThan(1_000)
    expect(right).toBeGreaterThan(300)
    expect(CASES.length - right).toBeGreaterThan(300)
  })

  it.each(PARTS)('says the same and leaves the same in the kernel: %s', (_, cases) => {
    const differing = cases.filter(one => {
      const pair = seen.cases[CASES.indexOf(one)]
      return pair !== undefined && differs(pair) !== DISAGREEMENTS.has(one.line)
    })
    expect(differing.map(one => report(one, seen.cases[CASES.indexOf(one)]))).toEqual([])
  })

  it('knows each of the lines that are listed in disagreements.md', () => {
    const lines = new Set(CASES.map(({line}) => line))
    expect([...DISAGREEMENTS].filter(line => !lines.has(line))).toEqual([])
  })

  it.each(LISTS.map((one, i) => [one.line, i] as const))('lists the same with connections: %s', (_, i) => {
    const pair = seen.lists[i]
    expect(pair?.ours).toEqual(pair?.real)
  })

  describe.each(AS_PROGRAM.map((one, i) => [one.line, i] as const))('as a program: %s', (_, i) => {
    it.each([
      ['hactl ipvsadm', 2 * i],
      ['a link named ipvsadm', 2 * i + 1],
    ])('%s', (_name, at) => {
      const pair = seen.asProgram[at]
      expect(pair?.ours).toEqual(pair?.real)
    })
  })
})

const differs = ({real, ours}: IpvsadmPair): boolean => JSON.stringify(real) !== JSON.stringify(ours)

/** What differs, without what is the same; a line that is listed but agrees is told too. */
function report({line}: IpvsadmCase, pair: IpvsadmPair | undefined): unknown {
  if (pair === undefined || !differs(pair)) return {line, agrees: true}
  const {real, ours} = pair
  const keys = (['stdout', 'stderr', 'status', 'state'] as const).filter(key => real[key] !== ours[key])
  return {line, differences: keys.map(key => ({[key]: {real: real[key], ours: ours[key]}}))}
}
