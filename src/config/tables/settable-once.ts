import {type Entry, REFUSED} from '../schema/schema.ts'

/** A setting that keepalived takes as often as it is given, as long as it has its first value. */
export const settableOnce = <T>(entry: Entry<T>, isInitial: (value: T) => boolean): Entry<T> => ({
  ...entry,
  repeats: 'collects',
  read: (statement, previous, context) => {
    const value = entry.read(statement, previous, context)
    if (value === REFUSED || isInitial(previous)) return value
    const message = `${statement.keyword.text} is given again; the earlier one counts`
    context.findings.report('given-again-ignored', statement.position, message)
    return REFUSED
  },
})
