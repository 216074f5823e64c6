/** What an interface can be. */
export type LinkState = 'up' | 'down' | 'gone'

/** An interface that is not what it was. */
export interface LinkChange {
  readonly name: string
  readonly from: LinkState
  readonly to: LinkState
}

/** Remembers what interfaces were, to tell what changed. */
export class LinkWatch {
  readonly #states = new Map<string, LinkState>()

  /** What changed since the last call; interfaces named for the first time did not. Others are forgotten. */
  changes(
    names: ReadonlySet<string>,
    look: (name: string) => {readonly up: boolean} | undefined,
  ): readonly LinkChange[] {
    const changes: LinkChange[] = []
    for (const name of names) {
      const link = look(name)
      const to: LinkState = !link ? 'gone' : link.up ? 'up' : 'down'
      const from = this.#states.get(name)
      this.#states.set(name, to)
      if (from !== undefined && from !== to) changes.push({name, from, to})
    }
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name)
    return changes
  }
}
