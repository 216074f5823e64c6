import {setFlagsFromString} from 'node:v8'

/**
 * Prepares for a run that takes part of a second and goes over very many things once: what V8 does for programs that
 * stay would take longer than it saves. Memory is used again before more of it is taken, and only functions that have
 * run for about a second are optimized. To be called once the code is loaded: V8's code cache is for the flags it was
 * written with.
 */
export function expectShortRun(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}

/** Prepares for a program that stays: the space for new objects may grow, which `bin/run.cjs` has taken from V8. */
export const expectLongRun = (): void => setFlagsFromString('--semi-space-growth-factor=2')

/** See `node --v8-options`. */
const FLAGS = [
  '--no-parallel-scavenge',
  '--interrupt-budget=50000000',
  '--max-bytecode-size-for-early-opt=0',
  '--no-use-osr',
  '--no-minor-gc-task',
]
