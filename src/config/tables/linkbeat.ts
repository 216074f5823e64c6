import type {Position} from '../config.ts'
import {interfaceName} from '../schema/arguments.ts'
import {type DataLines, lines} from '../schema/entries.ts'
import {type Entry, REFUSED} from '../schema/schema.ts'

const METHODS = ['MII', 'ETHTOOL', 'IOCTL'] as const

/** One line of `linkbeat_interfaces`. */
export interface LinkbeatInterface {
  readonly position: Position
  readonly name: string
  /** Undefined: the first that works, in the order MII, ETHTOOL, IOCTL. */
  readonly method: (typeof METHODS)[number] | undefined
}

/** A wrong method is complained about; the interface is asked all the same. */
const LINE: DataLines<LinkbeatInterface> = {
  form: `INTERFACE [${METHODS.join('|')}]`,
  read: (cursor, {position}) => {
    const name = interfaceName.read(cursor)
    if (name === REFUSED) return REFUSED
    const given = cursor.next()
    const method = METHODS.find(known => known === given?.text)
    if (given && !method) {
      const message = `${cursor.show(given)} is no way to ask an interface; any that works is taken`
      cursor.note('argument-corrected', given, message, METHODS.join(', '))
    }
    const more = method ? cursor.next() : undefined
    if (more) {
      const message = `${cursor.show(more)} is one word too many: one method for an interface`
      cursor.note('argument-corrected', more, message, LINE.form)
    }
    return {position, name, method}
  },
  print: ({name, method}) => (method ? `${name} ${method}` : name),
}

/** The entry of `linkbeat_interfaces`. */
export const LINKBEAT_INTERFACES: Entry<readonly LinkbeatInterface[]> = lines('linkbeat_interfaces', LINE, {
  doc: 'interfaces to ask for their state again and again, since they do not tell',
})
