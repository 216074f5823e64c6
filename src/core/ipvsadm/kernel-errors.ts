import type {IpvsChange} from '../ipvs/model.ts'

/** What was asked of the kernel when it refused. */
export type RefusedCommand = IpvsChange['type'] | 'zero' | 'start-daemon' | 'stop-daemon' | 'flush' | 'set-timeouts'

/**
 * What ipvsadm(8) says of an error of the kernel, by its name; learnt by running it. Other errors are said in the words
 * of strerror(3).
 */
export function kernelErrorText(command: RefusedCommand, reason: string): string {
  return BY_COMMAND[command]?.[reason] ?? ANYWHERE[reason] ?? reason
}

const SCHEDULER_MISSING = 'Scheduler or persistence engine not found'

const BY_COMMAND: {readonly [command in RefusedCommand]?: {readonly [reason: string]: string}} = {
  'add-service': {EEXIST: 'Service already exists', ENOENT: SCHEDULER_MISSING},
  'edit-service': {ESRCH: 'No such service', ENOENT: SCHEDULER_MISSING},
  'delete-service': {ESRCH: 'No such service'},
  zero: {ESRCH: 'No such service'},
  'add-destination': {ESRCH: 'Service not defined', EEXIST: 'Destination already exists'},
  'edit-destination': {ESRCH: 'Service not defined', ENOENT: 'No such destination'},
  'delete-destination': {ESRCH: 'Service not defined', ENOENT: 'No such destination'},
  'start-daemon': {EEXIST: 'Daemon has already run'},
  'stop-daemon': {ESRCH: 'No daemon is running'},
}

const ANYWHERE: {readonly [reason: string]: string} = {
  EPERM: 'Permission denied (you must be root)',
  EINVAL: 'Invalid operation.  Possibly wrong module version, address not unicast, ...',
  ENOPROTOOPT: 'Protocol not available',
  ENOMEM: 'Memory allocation problem',
  EOPNOTSUPP: 'Operation not supported with IPv6',
  EAFNOSUPPORT: 'Operation not supported with specified address family',
  EMSGSIZE: 'Module is wrong version',
  ENODEV: 'No such device',
  ERANGE: 'Numerical result out of range',
  ESRCH: 'No such process',
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  EBUSY: 'Device or resource busy',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EADDRINUSE: 'Address already in use',
  ENETUNREACH: 'Network is unreachable',
  EINTR: 'Interrupted system call',
  EAGAIN: 'Resource temporarily unavailable',
}
