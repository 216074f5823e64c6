import {readFileSync, type Stats, statSync} from 'node:fs'

/** The files are looked at no more often than this, milliseconds. */
const LOOK_EVERY_MS = 2_000

/** Whether files that were read are still what they were: what they hold is read again only when they were touched. */
export class FilesOnDisk {
  readonly #texts: ReadonlyMap<string, string>
  readonly #main: string | undefined
  /** What each was like when it was read last, and whether it then held what it had held. */
  readonly #seen = new Map<string, {readonly stamp: string; readonly isSame: boolean}>()
  #lookedAtMs: number | undefined
  #state: 'same' | 'changed' | 'missing' = 'same'

  /** `texts`: what was read, by path; `main`: the path without which there is no configuration. */
  constructor(texts: ReadonlyMap<string, string>, main: string | undefined) {
    this.#texts = texts
    this.#main = main
  }

  /** As it was found within the last two seconds. `nowMs`: any clock that only grows. */
  state(nowMs = performance.now()): 'same' | 'changed' | 'missing' {
    if (this.#lookedAtMs === undefined || nowMs - this.#lookedAtMs >= LOOK_EVERY_MS) {
      this.#lookedAtMs = nowMs
      this.#state = this.#look()
    }
    return this.#state
  }

  #look(): 'same' | 'changed' | 'missing' {
    let state: 'same' | 'changed' = 'same'
    for (const [path, text] of this.#texts) {
      const stat = statSync(path, {throwIfNoEntry: false})
      if (stat === undefined && path === this.#main) return 'missing'
      if (stat === undefined || !this.#isSame(path, text, stat)) state = 'changed'
    }
    return state
  }

  #isSame(path: string, text: string, stat: Stats): boolean {
    const stamp = [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ')
    const seen = this.#seen.get(path)
    if (seen?.stamp === stamp) return seen.isSame
    // A pipe that took the place of the file would block whoever opens it.
    const isSame = stat.isFile() && stat.size <= 4 * text.length && holds(path, text)
    this.#seen.set(path, {stamp, isSame})
    return isSame
  }
}

function holds(path: string, text: string): boolean {
  try {
    return readFileSync(path, 'utf8') === text
  } catch {
    return false
  }
}
