import {join} from 'node:path'
import type {Host} from './host.ts'
import {repoRoot} from './repo-root.ts'

/** One request of a client and what became of it. */
export interface WebAnswer {
  readonly atMs: number
  /** What the server called itself; undefined when no answer came. */
  readonly from: string | undefined
}

/** A client that asks for a page all the time. */
export interface WebClient {
  /** Oldest first; grows while the client runs. */
  readonly answers: readonly WebAnswer[]
}

/** Requests a page from an address at a fixed rate, each by a new connection, until the lab is closed. */
export async function startWebClient(
  host: Host,
  {address, everyMs}: {readonly address: string; readonly everyMs: number},
): Promise<WebClient> {
  const script = join(repoRoot(), 'test', 'lab', 'http-client.mjs')
  const program = await host.start([process.execPath, script, `http://${address}/`, String(everyMs)])
  const answers: WebAnswer[] = []
  let pending = ''
  program.onText(text => {
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      const [at = '', from = '-'] = line.split(' ')
      answers.push({atMs: Number(at), from: from === '-' ? undefined : from})
    }
  })
  return {answers}
}

/** Who answered within a span, and the longest time without any answer, milliseconds. */
export function answersWithin(
  {answers}: WebClient,
  {fromMs, toMs}: {readonly fromMs: number; readonly toMs: number},
): {readonly by: ReadonlyMap<string, number>; readonly failed: number; readonly longestGapMs: number} {
  const by = new Map<string, number>()
  let failed = 0
  let longestGapMs = 0
  let lastMs = fromMs
  for (const {atMs, from} of answers) {
    if (atMs < fromMs || atMs > toMs) continue
    if (from === undefined) {
      failed++
      continue
    }
    by.set(from, (by.get(from) ?? 0) + 1)
    longestGapMs = Math.max(longestGapMs, atMs - lastMs)
    lastMs = atMs
  }
  return {by, failed, longestGapMs: Math.max(longestGapMs, toMs - lastMs)}
}
