/** How much a map may hold. */
export interface WeighedLimits {
  readonly entries: number
  /** Of all entries together, by `weightOf`. */
  readonly weight: number
}

/** A map that takes no more than it may hold. */
export interface WeighedMap<Value> {
  /** False: it is too much, and whatever was there by that name stays. */
  readonly set: (name: string, value: Value) => boolean
  readonly delete: (name: string) => void
  readonly clear: () => void
  /** As it is now; the same object until something differs. */
  readonly shown: () => ReadonlyMap<string, Value>
}

/** An empty map for what somebody else sends, however much that is. */
export function weighedMap<Value>(limits: WeighedLimits): WeighedMap<Value> {
  const values = new Map<string, Value>()
  const weights = new Map<string, number>()
  let total = 0
  let shown: ReadonlyMap<string, Value> | undefined
  return {
    set: (name, value) => {
      const weight = weightOf(value)
      const sum = total - (weights.get(name) ?? 0) + weight
      if (sum > limits.weight || (values.size >= limits.entries && !values.has(name))) return false
      total = sum
      weights.set(name, weight)
      values.set(name, value)
      shown = undefined
      return true
    },
    delete: name => {
      total -= weights.get(name) ?? 0
      weights.delete(name)
      if (values.delete(name)) shown = undefined
    },
    clear: () => {
      values.clear()
      weights.clear()
      total = 0
      shown = undefined
    },
    shown: () => {
      shown ??= new Map(values)
      return shown
    },
  }
}

/** About how many bytes of memory parsed JSON takes: its characters, and eight for each value. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return 8 + value.length
  if (typeof value !== 'object' || value === null) return 8
  let weight = 8
  for (const name in value) weight += weightOf((value as {readonly [name: string]: unknown})[name])
  return weight
}
