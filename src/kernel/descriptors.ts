import {readdirSync} from 'node:fs'
import {getSocketOption, SO_COOKIE} from './libc.ts'

/** The lowest open descriptor of this process that `matches` says yes to; for packages that do not tell theirs. */
export function findDescriptor(matches: (fd: number) => boolean): number | undefined {
  return openDescriptors().find(matches)
}

/** The descriptor of the socket with this SO_COOKIE, which no two sockets share. */
export function descriptorByCookie(wanted: Buffer): number | undefined {
  const cookie = Buffer.alloc(8)
  return findDescriptor(fd => getSocketOption(fd, SO_COOKIE, cookie).ok && cookie.equals(wanted))
}

function openDescriptors(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number)
  } catch {
    // Without /proc all that may be open: a question about one that is not costs a microsecond.
    return Array.from({length: 4096}, (_, fd) => fd)
  }
}
