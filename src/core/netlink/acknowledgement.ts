import {type Decoded, decoded, rejected} from '../decoded.ts'
import {attribute, decodeAttributes, u32, zeroTerminated} from './attributes.ts'
import {errnoName} from './errno.ts'
import {align, MESSAGE_FLAG, MESSAGE_HEADER_BYTES, MESSAGE_TYPE, type NetlinkMessage} from './message.ts'

/** How a request ended. <linux/netlink.h> */
export interface Acknowledgement {
  /** 0: done. */
  readonly errno: number
  /** The kernel's own words on what is wrong, NLMSGERR_ATTR_MSG; needs NETLINK_EXT_ACK. */
  readonly text?: string
}

export type AcknowledgementFailure = 'not-an-acknowledgement' | 'too-short' | 'length-wrong' | 'errno-negative'

/** NLMSGERR_ATTR_*. <linux/netlink.h> */
export const ERROR_ATTRIBUTES = {text: attribute(1, zeroTerminated), offset: attribute(2, u32)} as const

/**
 * Reads NLMSG_ERROR, the answer to a request, or NLMSG_DONE, the end of a dump. Attributes that cannot be read cost the
 * text only.
 *   byte  bits  NLMSG_ERROR's body, struct nlmsgerr      NLMSG_DONE's body
 *   0     32    error: 0 or a negative errno             the same; may be missing
 *   4     128   the request's header                     attributes
 *   20          the request's body, unless capped; then attributes
 */
export function decodeAcknowledgement({
  type,
  flags,
  body,
}: NetlinkMessage): Decoded<Acknowledgement, AcknowledgementFailure> {
  if (type === MESSAGE_TYPE.done && body.length < ERRNO_BYTES) return decoded({errno: 0})
  if (type !== MESSAGE_TYPE.error && type !== MESSAGE_TYPE.done) return rejected('not-an-acknowledgement')
  if (body.length < ERRNO_BYTES) return rejected('too-short')
  const errno = 0 - body.readInt32LE(0)
  let attributesAt = ERRNO_BYTES
  if (type === MESSAGE_TYPE.error) {
    if (body.length < ERRNO_BYTES + MESSAGE_HEADER_BYTES) return rejected('too-short')
    const requestBytes = (flags & MESSAGE_FLAG.capped) !== 0 ? MESSAGE_HEADER_BYTES : body.readUInt32LE(ERRNO_BYTES)
    if (requestBytes < MESSAGE_HEADER_BYTES || requestBytes > body.length - ERRNO_BYTES) return rejected('length-wrong')
    attributesAt += align(requestBytes)
  }
  if (errno < 0) return rejected('errno-negative')
  if ((flags & MESSAGE_FLAG.ackAttributes) === 0) return decoded({errno})
  const attributes = decodeAttributes(ERROR_ATTRIBUTES, body.subarray(attributesAt))
  const text = attributes.ok ? attributes.value.values.text : undefined
  return decoded(text === undefined ? {errno} : {errno, text})
}

/** The name of the error, "EEXIST", or undefined where there was none. */
export const acknowledgementReason = ({errno}: Acknowledgement): string | undefined =>
  errno === 0 ? undefined : errnoName(errno)

const ERRNO_BYTES = 4
