import {availableParallelism} from 'node:os'
import {defineConfig} from 'vitest/config'

/** Tests that run whole hosts and look at their clocks: one file at a time, when nothing else runs. */
const LAB = [
  'test/agent/*.test.ts',
  'test/kernel/**/*.test.ts',
  'test/lab/**/*.test.ts',
  'test/interop/**/*.test.ts',
  'test/demo/**/*.test.ts',
]

/** Tests that boot machines of their own, each on a processor of its own. */
const UML = ['test/lvs/uml/**/*.test.ts']

export default defineConfig({
  test: {
    // One less would be the default: of two cores, half.
    maxWorkers: availableParallelism(),
    minWorkers: 1,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...LAB, ...UML],
          testTimeout: 20_000,
          // A program that a test starts may take a second on a loaded machine.
          expect: {poll: {timeout: 15_000}},
          sequence: {groupOrder: 0},
        },
      },
      {
        test: {
          name: 'lab',
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
          name: 'uml',
          include: UML,
          testTimeout: 60_000,
          pool: 'forks',
          sequence: {groupOrder: 2},
        },
      },
    ],
  },
})
