import {errorText} from '../../errors.ts'
import {type OwnedObject, ownedKey} from '../owned-objects.ts'
import type {ChangedSysctl} from '../vrrp/own-devices-sysctls.ts'
import {readChangedSysctls, writeChangedSysctls} from './changed-sysctls.ts'
import {readOwnedAddresses, writeOwnedAddresses} from './owned-addresses.ts'

/**
 * What of ours may be in the kernel if this ends without a word, kept in the state directory for the next run. A full
 * disk is said once, and costs what the file is for.
 */
export class Belongings {
  readonly #directory: string
  readonly #complain: (text: string) => void
  readonly #problems = new Map<string, string>()
  #owned: readonly OwnedObject[] = []
  #sysctls: readonly ChangedSysctl[] = []

  constructor(directory: string, complain: (text: string) => void) {
    this.#directory = directory
    this.#complain = complain
  }

  /** Reads what the run before left; answers what was wrong with the files. */
  open(): readonly string[] {
    const owned = readOwnedAddresses(this.#directory)
    const sysctls = readChangedSysctls(this.#directory)
    this.#owned = owned.owned
    this.#sysctls = sysctls.changed
    return [owned.problem, sysctls.problem].flatMap(problem => problem ?? [])
  }

  /** Addresses, routes and rules. */
  get owned(): readonly OwnedObject[] {
    return this.#owned
  }

  /** Settings of the kernel that were changed, with what they were. */
  get sysctls(): readonly ChangedSysctl[] {
    return this.#sysctls
  }

  /** Why a file is not written at present; null when all are. */
  get problem(): string | null {
    return [...this.#problems.values()][0] ?? null
  }

  /** Before objects are put into the kernel: they may be there from now on, besides what was. */
  expect(objects: readonly OwnedObject[]): void {
    this.own([...new Map([...this.#owned, ...objects].map(each => [ownedKey(each), each])).values()])
  }

  /** From now on nothing else can be there. */
  own(objects: readonly OwnedObject[]): void {
    this.#owned = objects
    this.#write('leftovers', () => writeOwnedAddresses(this.#directory, objects))
  }

  changed(sysctls: readonly ChangedSysctl[]): void {
    this.#sysctls = sysctls
    this.#write('changed settings of the kernel', () => writeChangedSysctls(this.#directory, sysctls))
  }

  #write(what: string, write: () => void): void {
    try {
      write()
      this.#problems.delete(what)
    } catch (error) {
      const problem = errorText(error)
      if (this.#problems.get(what) === problem) return
      this.#problems.set(what, problem)
      this.#complain(`${this.#directory}: ${problem}; after an unclean death ${what} may not be recognised`)
    }
  }
}
