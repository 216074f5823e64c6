import {type Decoded, decoded, rejected} from '../decoded.ts'
import {ipFamily, ipFromBytes, ipToBytes} from '../ip.ts'
import {type AttributeFailure, type AttributeValues, decodeAttributes} from '../netlink/attributes.ts'
import {COMMAND_ATTRIBUTES, type DAEMON_ATTRIBUTES, INFO_ATTRIBUTES} from './attributes.ts'
import type {IpvsInfo, IpvsTimeouts, SyncDaemon, SyncRole} from './model.ts'

/** Why a message does not tell of a sync daemon. */
export type DaemonFailure = AttributeFailure | 'daemon-missing' | 'state-wrong' | 'group-wrong'

/** The timeouts of IPVS_CMD_SET_CONFIG; the kernel leaves as it is what is 0. <linux/ip_vs.h> */
export const timeoutValues = ({tcpSeconds, tcpFinSeconds, udpSeconds}: IpvsTimeouts): CommandValues => ({
  tcpTimeout: tcpSeconds,
  tcpFinTimeout: tcpFinSeconds,
  udpTimeout: udpSeconds,
})

/** The answer to IPVS_CMD_GET_CONFIG; 0 for a protocol that the kernel was built without. <linux/ip_vs.h> */
export function decodeTimeouts(attributes: Buffer): Decoded<IpvsTimeouts, AttributeFailure> {
  const read = decodeAttributes(COMMAND_ATTRIBUTES, attributes)
  if (!read.ok) return read
  const {tcpTimeout = 0, tcpFinTimeout = 0, udpTimeout = 0} = read.value.values
  return decoded({tcpSeconds: tcpTimeout, tcpFinSeconds: tcpFinTimeout, udpSeconds: udpTimeout})
}

/** What IPVS_CMD_NEW_DAEMON starts: IPVS_CMD_ATTR_DAEMON. <linux/ip_vs.h> */
export function daemonValues(daemon: SyncDaemon): CommandValues {
  const {role, syncId, maxLengthBytes, group, port, ttl} = daemon
  const groupBytes = group === undefined ? undefined : ipToBytes(group)
  const isIpv4 = group !== undefined && ipFamily(group) === 4
  return inCommand({
    state: STATES[role],
    interface: daemon.interface,
    syncId,
    maxLength: maxLengthBytes,
    group4: isIpv4 ? groupBytes : undefined,
    group6: isIpv4 ? undefined : groupBytes,
    port,
    ttl,
  })
}

/** What IPVS_CMD_DEL_DAEMON stops: IPVS_CMD_ATTR_DAEMON. <linux/ip_vs.h> */
export const daemonRoleValues = (role: SyncRole): CommandValues => inCommand({state: STATES[role]})

/** An answer to IPVS_CMD_GET_DAEMON; kernels before 4.3 tell role, interface and id alone. <linux/ip_vs.h> */
export function decodeDaemon(attributes: Buffer): Decoded<SyncDaemon, DaemonFailure> {
  const command = decodeAttributes(COMMAND_ATTRIBUTES, attributes)
  if (!command.ok) return command
  if (command.value.values.daemon === undefined) return rejected('daemon-missing')
  const {values} = command.value.values.daemon
  const role = values.state === STATES.master ? 'master' : values.state === STATES.backup ? 'backup' : undefined
  if (role === undefined) return rejected('state-wrong')
  const groupBytes = values.group6 ?? values.group4
  if (groupBytes !== undefined && groupBytes.length !== (values.group6 === undefined ? 4 : 16)) {
    return rejected('group-wrong')
  }
  return decoded({
    role,
    interface: values.interface ?? '',
    syncId: values.syncId ?? 0,
    maxLengthBytes: values.maxLength,
    group: groupBytes === undefined ? undefined : ipFromBytes(groupBytes),
    port: values.port,
    ttl: values.ttl,
  })
}

/** The answer to IPVS_CMD_GET_INFO. <linux/ip_vs.h> */
export function decodeInfo(attributes: Buffer): Decoded<IpvsInfo, AttributeFailure> {
  const read = decodeAttributes(INFO_ATTRIBUTES, attributes)
  if (!read.ok) return read
  const {version = 0, connectionTableSize = 0} = read.value.values
  return decoded({
    version: `${(version >>> 16) & 0xff}.${(version >>> 8) & 0xff}.${version & 0xff}`,
    connectionTableSize,
  })
}

/** IP_VS_STATE_*. <linux/ip_vs.h> */
const STATES: {readonly [Role in SyncRole]: number} = {master: 1, backup: 2}

type CommandValues = AttributeValues<typeof COMMAND_ATTRIBUTES>

const inCommand = (values: AttributeValues<typeof DAEMON_ATTRIBUTES>): CommandValues => ({
  daemon: {values, unknown: []},
})
