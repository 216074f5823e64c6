import type {VipConfig} from '../../config/config.ts'
import {parseConfig} from '../../config/parse.ts'

/** A line of `virtual_ipaddress`, or what is wrong with it. */
export type AddressLine = {readonly ok: true; readonly vip: VipConfig} | {readonly ok: false; readonly reason: string}

/** Longer than any line that means something. */
const MAX_LENGTH = 500

/** Reads one address with its options, as it may stand in `virtual_ipaddress`. keepalived.conf(5). */
export function parseAddressLine(line: string): AddressLine {
  if (line.length > MAX_LENGTH || /[{}\n\r"'$@#!\\]/.test(line)) {
    return {ok: false, reason: 'it is not a line of virtual_ipaddress'}
  }
  const head = 'vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n'
  const {config, diagnostics} = parseConfig({file: 'address', text: `${head}${line}\n}\n}\n`})
  const [vip, ...more] = config.instances[0]?.vips ?? []
  const wrong = diagnostics.find(({position, severity}) => position.line === LINE && severity !== 'info')
  if (vip && more.length === 0 && wrong?.severity !== 'error') return {ok: true, vip}
  return {ok: false, reason: wrong ? `${wrong.message}${wrong.hint ? `; ${wrong.hint}` : ''}` : 'it is no address'}
}

/** The line of the address in the text above. */
const LINE = 5

/** An address as it is named: "10.0.0.100/24 dev eth1". */
export const writtenAddress = ({address, prefixLength, device}: VipConfig): string =>
  `${address}/${prefixLength}${device === undefined ? '' : ` dev ${device}`}`
