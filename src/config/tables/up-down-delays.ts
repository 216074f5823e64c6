import type {Position} from '../config.ts'
import {interfaceName, seconds, writtenSeconds} from '../schema/arguments.ts'
import {type DataLines, lines} from '../schema/entries.ts'
import {type Entry, REFUSED} from '../schema/schema.ts'
import {decimals} from './global-arguments.ts'

/** One line of `interface_up_down_delays`. */
export interface UpDownDelay {
  readonly position: Position
  readonly name: string
  readonly downMs: number
  readonly upMs: number
}

const DELAY = decimals(6, seconds({min: 0, max: 255}))

/** Without a second time, coming up is believed at once, whatever the manual page of keepalived says. */
const LINE: DataLines<UpDownDelay> = {
  form: 'INTERFACE DOWN-SECONDS [UP-SECONDS], each 0..255',
  read: (cursor, {position}) => {
    const name = interfaceName.read(cursor)
    const downMs = name === REFUSED ? REFUSED : DELAY.read(cursor)
    const upMs = downMs !== REFUSED && cursor.peek() ? DELAY.read(cursor) : 0
    return name === REFUSED || downMs === REFUSED || upMs === REFUSED ? REFUSED : {position, name, downMs, upMs}
  },
  print: ({name, downMs, upMs}) => {
    const down = `${name} ${writtenSeconds(downMs)}`
    return upMs === 0 ? down : `${down} ${writtenSeconds(upMs)}`
  },
}

/** The entry of `interface_up_down_delays`. */
export const UP_DOWN_DELAYS: Entry<readonly UpDownDelay[]> = lines('interface_up_down_delays', LINE, {
  doc: 'how long an interface has to be down, or up, until that is believed',
})
