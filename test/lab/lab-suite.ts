import {describe, it} from 'vitest'
import {missingForLab, type PeerName} from './peers.ts'

/**
 * A group of tests that need a lab and programs of others. Where they are missing the group is skipped with the
 * reason in its name; in continuous integration (`CI=true`) that is a failure instead.
 */
export function labSuite(name: string, peers: readonly PeerName[], body: () => void): void {
  const reason = missingForLab(peers)
  if (reason === undefined) {
    describe(name, body)
  } else if (process.env.CI === 'true') {
    it(name, () => {
      throw new Error(`cannot run: ${reason}`)
    })
  } else {
    describe.skip(`${name} (skipped: ${reason})`, body)
  }
}
