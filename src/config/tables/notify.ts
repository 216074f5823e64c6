import type {Command} from '../config.ts'
import {programAs} from '../schema/arguments.ts'
import {setting} from '../schema/entries.ts'
import type {Entry} from '../schema/schema.ts'

/** A program that runs on a change of state; the first one given counts, as in keepalived. */
export function notify(name: string, when: string): Entry<Command | undefined> {
  const doc = `program to run on ${when}`
  return setting(name, programAs, {initial: undefined, doc, defaultText: 'none', repeats: 'first-wins'})
}
