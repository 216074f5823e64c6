import {lookup} from 'node:dns/promises'
import type {Unknown} from './environment/host.ts'

/**
 * Looks names of hosts up as programs of this host would. A name that nobody answers for in time is unknown, and so are
 * those beyond the first hundred.
 */
export async function lookUpNames(
  names: readonly string[],
  timeoutMs = 3_000,
): Promise<ReadonlyMap<string, boolean | Unknown>> {
  const asked = names.slice(0, MAX_NAMES)
  const answers = await Promise.all(asked.map(name => inTime(resolves(name), timeoutMs)))
  return new Map(asked.map((name, i) => [name, answers[i] ?? 'unknown']))
}

const MAX_NAMES = 100

async function resolves(name: string): Promise<boolean | Unknown> {
  try {
    await lookup(name)
    return true
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
    return code === 'ENOTFOUND' ? false : 'unknown'
  }
}

/** An answer, or unknown after a time; no timer is left behind. */
async function inTime(answer: Promise<boolean | Unknown>, timeoutMs: number): Promise<boolean | Unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<Unknown>(resolve => {
    timer = setTimeout(() => resolve('unknown'), timeoutMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
