/**
 * Due moments of many items: a binary heap that knows where each item is, so that adding, moving and removing take
 * O(log n) and allocate nothing once the arrays have grown. Of items that are due at one moment any may come first.
 */
export class Schedule<Item> {
  readonly #items: Item[] = []
  readonly #dueAt: number[] = []
  readonly #places = new Map<Item, number>()

  /** How many items have a due moment. */
  get size(): number {
    return this.#items.length
  }

  /** Gives an item its due moment, in place of the one that it may have had; milliseconds on any clock, not NaN. */
  set(item: Item, dueAt: number): void {
    if (Number.isNaN(dueAt)) throw new Error('a due moment has to be a number')
    const place = this.#places.get(item)
    if (place === undefined) this.#rise(item, dueAt, this.#items.length)
    else this.#settle(item, dueAt, place)
  }

  /** Takes an item out; false: it was not in. */
  delete(item: Item): boolean {
    const place = this.#places.get(item)
    if (place === undefined) return false
    this.#places.delete(item)
    const last = this.#items.pop() as Item
    const lastDueAt = this.#dueAt.pop() as number
    if (place < this.#items.length) this.#settle(last, lastDueAt, place)
    return true
  }

  /** When an item is due; undefined: it is not in. */
  dueAt(item: Item): number | undefined {
    const place = this.#places.get(item)
    return place === undefined ? undefined : this.#dueAt[place]
  }

  /** The earliest due moment; undefined: there is no item. */
  nextDueAt(): number | undefined {
    return this.#dueAt[0]
  }

  /** Takes out the item with the earliest due moment, if that is `now` or before. */
  takeDue(now: number): Item | undefined {
    const first = this.#dueAt[0]
    if (first === undefined || first > now) return undefined
    const item = this.#items[0] as Item
    this.delete(item)
    return item
  }

  /** Takes every item out. */
  clear(): void {
    this.#items.length = 0
    this.#dueAt.length = 0
    this.#places.clear()
  }

  #settle(item: Item, dueAt: number, place: number): void {
    if (place > 0 && dueAt < (this.#dueAt[parentOf(place)] as number)) this.#rise(item, dueAt, place)
    else this.#sink(item, dueAt, place)
  }

  #rise(item: Item, dueAt: number, from: number): void {
    let place = from
    while (place > 0) {
      const parent = parentOf(place)
      const parentDueAt = this.#dueAt[parent] as number
      if (parentDueAt <= dueAt) break
      this.#put(this.#items[parent] as Item, parentDueAt, place)
      place = parent
    }
    this.#put(item, dueAt, place)
  }

  #sink(item: Item, dueAt: number, from: number): void {
    const length = this.#items.length
    let place = from
    for (let child = 2 * place + 1; child < length; child = 2 * place + 1) {
      const right = child + 1
      const rightIsEarlier = right < length && (this.#dueAt[right] as number) < (this.#dueAt[child] as number)
      const earlier = rightIsEarlier ? right : child
      const earlierDueAt = this.#dueAt[earlier] as number
      if (earlierDueAt >= dueAt) break
      this.#put(this.#items[earlier] as Item, earlierDueAt, place)
      place = earlier
    }
    this.#put(item, dueAt, place)
  }

  #put(item: Item, dueAt: number, place: number): void {
    this.#items[place] = item
    this.#dueAt[place] = dueAt
    this.#places.set(item, place)
  }
}

const parentOf = (place: number): number => (place - 1) >> 1
