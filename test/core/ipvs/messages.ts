import {readFileSync} from 'node:fs'
import {decodeGeneric} from '../../../src/core/netlink/generic.ts'

/** Bodies of answers of Linux 6.1 to rules that ipvsadm 1.31 made, recorded in User-Mode Linux. */
const MESSAGES: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL('messages.hex.json', import.meta.url), 'utf8'),
)

/** The attributes of a recorded answer, behind the generic header. */
export function recorded(name: string): Buffer {
  const read = decodeGeneric(Buffer.from(MESSAGES[name] ?? '', 'hex'))
  if (!read.ok) throw new Error(`no message ${name}`)
  return Buffer.from(read.value.attributes)
}
