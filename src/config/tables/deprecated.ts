import type {Argument} from '../schema/schema.ts'

/** A keyword that keepalived complains about; it still has its effect. List the one to write before it. */
export const deprecated = <T>(argument: Argument<T>, instead: string): Argument<T> => ({
  ...argument,
  read: cursor => {
    const message = `${cursor.keyword} is deprecated`
    cursor.note('keyword-deprecated', undefined, message, instead)
    return argument.read(cursor)
  },
})

/** A keyword with a newer name, which keepalived takes without complaint. List the one to write before it. */
export const renamed = <T>(argument: Argument<T>, instead: string): Argument<T> => ({
  ...argument,
  read: cursor => {
    cursor.note('keyword-renamed', undefined, `${cursor.keyword} is the old name of ${instead}`, `write ${instead}`)
    return argument.read(cursor)
  },
})
