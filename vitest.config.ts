import {availableParallelism} from 'node:os'
import {defineConfig} from 'vitest/config'
import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Tests that run whole hosts and look at their clocks: one file at a time, when nothing else runs. */
const LAB = ['test/agent/*.test.ts', 'test/kernel/**/*.test.ts']

/** The same, where what happens has time enough for two of them at once. */
const LAB_PAIRED = [
  'test/lab/**/*.test.ts',
  'test/interop/**/*.test.ts',
  'test/demo/**/*.test.ts',
  'test/top/*.test.ts',
]

/** Tests that boot machines of their own, each on a processor of its own. */
const UML = ['test/lvs/uml/**/*.test.ts', 'test/check/uml/**/*.test.ts']

/** Who runs the tests is answered between two of them. */
const SETUP = ['test/between-tests.ts']

/** Files that take minutes, longest first: begun last, one worker would be left alone with them. */
const LONG = [
  'test/check/uml/kinds.test.ts',
  'test/interop/interop.test.ts',
  'test/check/uml/scenarios.test.ts',
  'test/lvs/uml/agent.test.ts',
  'test/lvs/uml/ipvsadm.test.ts',
  'test/lvs/uml/dr-pair.test.ts',
  'test/config/mutated.test.ts',
  'test/config/mutated-corpus.test.ts',
  'test/config/round-trip.test.ts',
  'test/config/fuzz.test.ts',
  'test/sim/simulator.test.ts',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification): number => {
      const index = LONG.findIndex(file => moduleId.endsWith(file))
      return index < 0 ? LONG.length : index
    }
    // Stable: the others stay as they were.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    sequence: {sequencer: LongestFirst},
    // One less would be the default: of two cores, half.
    maxWorkers: availableParallelism(),
    minWorkers: 1,
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles: SETUP,
          include: ['test/**/*.test.ts'],
          exclude: [...LAB, ...LAB_PAIRED, ...UML],
          testTimeout: 20_000,
          // A program that a test starts may take a second on a loaded machine.
          expect: {poll: {timeout: 15_000}},
          sequence: {groupOrder: 0},
        },
      },
      {
        test: {
          name: 'lab',
          setupFiles: SETUP,
          include: LAB,
          testTimeout: 60_000,
          expect: {poll: {timeout: 15_000}},
          pool: 'forks',
          poolOptions: {forks: {singleFork: true}},
          sequence: {groupOrder: 1},
        },
      },
      {
        test: {
          name: 'lab-paired',
          setupFiles: SETUP,
          include: LAB_PAIRED,
          testTimeout: 60_000,
          expect: {poll: {timeout: 15_000}},
          pool: 'forks',
          sequence: {groupOrder: 2},
        },
      },
      {
        test: {
          name: 'uml',
          setupFiles: SETUP,
          include: UML,
          testTimeout: 60_000,
          pool: 'forks',
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
})
