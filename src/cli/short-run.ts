import {setFlagsFromString} from 'node:v8'

/**
 * Prepares for a run that takes part of a second and goes over very many things once: what V8 does for programs that
 * stay would take longer than it saves. Memory is used again before more of it is taken, and only functions that have
 * run for about a second are optimized. To be called once the code is loaded: V8's code
 * cache is for the flags it was written with.
 */
export function expectShortRun(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}

/** See `node --v8-options`. */
const FLAGS = [
  '--semi-space-growth-factor=1',
  '--no-parallel-scavenge',
  '--interrupt-budget=50000000',
  '--max-bytecode-size-for-early-opt=0',
  '--no-use-osr',
]
