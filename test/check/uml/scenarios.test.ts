import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {PROGRAMS, type ProgramName} from './director.ts'
import {merged, readScenarios, writeScenario} from './scenario-file.ts'
import type {ScenariosAnswer, ScenariosInput} from './scenarios-guest.ts'

const DIRECTORY = join(import.meta.dirname, 'scenarios')
/** For trials: HACTL_CHECKERS=keepalived plays without hactl, HACTL_SCENARIOS=sorry,reload only these; nothing is compared. */
const programs = (process.env.HACTL_CHECKERS?.split(',') ?? PROGRAMS) as readonly ProgramName[]
const chosen = process.env.HACTL_SCENARIOS?.split(',')
const scenarios = readScenarios(DIRECTORY).filter(({name}) => chosen?.includes(name) ?? true)
const TIMEOUT_MS = 400_000

/** keepalived 2.2.7 takes a file for 0 while it reads it, and tells of that at times. */
const told = (scenario: string, lines: readonly string[]): readonly string[] =>
  scenario === 'file' ? lines.filter(line => !line.startsWith('told ')) : lines

labSuite('which real servers are in service, beside keepalived', ['uml', 'ip', 'keepalived'], () => {
  let answer: ScenariosAnswer

  beforeAll(async () => {
    const input: ScenariosInput = {scenarios, programs}
    const guest = join(import.meta.dirname, 'scenarios-guest.ts')
    answer = await runInUml<ScenariosAnswer>({guest, input, timeoutMs: TIMEOUT_MS, memoryMb: 1_024})
  }, TIMEOUT_MS + 10_000)

  // keepalived.conf(5), sections "Virtual server(s)" and "Checkers"; what keepalived 2.2.7 does is in the files.
  it.each(scenarios.map((scenario, index) => ({name: scenario.name, scenario, index})))(
    '$name',
    ({scenario, index}) => {
      const steps = scenario.steps.map((step, at) => {
        const seen = (program: ProgramName): readonly string[] =>
          told(scenario.name, answer[program][index]?.[at] ?? [])
        const [only] = programs
        const alone = programs.length === 1 && only ? seen(only) : undefined
        return {...step, output: alone ?? merged({keepalived: seen('keepalived'), hactl: seen('hactl')})}
      })
      if (process.env.UPDATE === '1') writeScenario(DIRECTORY, {...scenario, steps})
      expect(steps).toEqual(scenario.steps)
    },
  )
})
