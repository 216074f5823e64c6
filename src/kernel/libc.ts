import koffi from 'koffi'
import {errnoName} from '../core/netlink/errno.ts'

/** What a system call answered: its result, or the name of its error ("ENODEV"). */
export type SystemResult = {readonly ok: true; readonly value: number} | {readonly ok: false; readonly reason: string}

/** A descriptor that the event loop watches; `close` stops watching and leaves the descriptor open. */
export interface ReadableWatch {
  close(): void
}

/** socket(2); add SOCK_CLOEXEC and SOCK_NONBLOCK to the type. */
export const socket = (family: number, type: number, protocol: number): SystemResult =>
  answer(libc().socket(family, type, protocol))

/** close(2). */
export const close = (fd: number): SystemResult => answer(libc().close(fd))

/** bind(2) to a socket address in the kernel's form. */
export const bind = (fd: number, address: Buffer): SystemResult => answer(libc().bind(fd, address, address.length))

/** connect(2) to a socket address in the kernel's form; for datagrams it sets the peer and sends nothing. */
export const connect = (fd: number, address: Buffer): SystemResult =>
  answer(libc().connect(fd, address, address.length))

/** setsockopt(2) with the bytes as they are. */
export const setSocketOption = (fd: number, option: SocketOption, value: Buffer): SystemResult =>
  answer(libc().setsockopt(fd, option.level, option.name, value, value.length))

/**
 * SO_ATTACH_FILTER: the kernel drops messages for which a classic BPF program answers 0. Eight bytes an instruction,
 * struct sock_filter. <linux/filter.h>
 */
export function attachFilter(fd: number, program: Buffer): SystemResult {
  // struct sock_fprog: how many instructions there are, and where.
  const description = Buffer.alloc(16)
  description.writeUInt16LE(program.length / 8, 0)
  description.writeBigUInt64LE(BigInt(koffi.address(program)), 8)
  return setSocketOption(fd, SO_ATTACH_FILTER, description)
}

/** setsockopt(2) with an int. */
export const setSocketInt = (fd: number, option: SocketOption, value: number): SystemResult =>
  setSocketOption(fd, option, int32(value))

/** getsockopt(2) into `value`; answers the length the kernel filled. */
export function getSocketOption(fd: number, option: SocketOption, value: Buffer): SystemResult {
  const length = int32(value.length)
  const result = answer(libc().getsockopt(fd, option.level, option.name, value, length))
  return result.ok ? {ok: true, value: length.readInt32LE(0)} : result
}

/** getsockname(2) into `address`; answers the length of the address. */
export function getSocketName(fd: number, address: Buffer): SystemResult {
  const length = int32(address.length)
  const result = answer(libc().getsockname(fd, address, length))
  return result.ok ? {ok: true, value: length.readInt32LE(0)} : result
}

/** Sets the receive buffer in bytes (the kernel doubles it): beyond rmem_max with CAP_NET_ADMIN, up to it without. */
export function setReceiveBuffer(fd: number, lengthBytes: number): SystemResult {
  const forced = setSocketInt(fd, SO_RCVBUFFORCE, lengthBytes)
  return forced.ok ? forced : setSocketInt(fd, SO_RCVBUF, lengthBytes)
}

/** Sets the send buffer in bytes (the kernel doubles it): beyond wmem_max with CAP_NET_ADMIN, up to it without. */
export function setSendBuffer(fd: number, lengthBytes: number): SystemResult {
  const forced = setSocketInt(fd, SO_SNDBUFFORCE, lengthBytes)
  return forced.ok ? forced : setSocketInt(fd, SO_SNDBUF, lengthBytes)
}

/** How many messages the kernel dropped as the receive buffer was full: SK_MEMINFO_DROPS. <linux/sock_diag.h> */
export function dropsOf(fd: number): number {
  const words = Buffer.alloc(4 * (DROPS_WORD + 1))
  return getSocketOption(fd, SO_MEMINFO, words).ok ? words.readUInt32LE(4 * DROPS_WORD) : 0
}

/** sendto(2) to a socket address in the kernel's form; an empty address means the default one. */
export const sendTo = (fd: number, bytes: Buffer, address: Buffer): SystemResult =>
  answer(libc().sendto(fd, bytes, bytes.length, MSG_DONTWAIT, address.length === 0 ? null : address, address.length))

/** sendmsg(2) with a struct msghdr, never waiting. */
export const sendMessageNow = (fd: number, header: Buffer): SystemResult =>
  answer(libc().sendmsg(fd, header, MSG_DONTWAIT))

/** recvmsg(2) with a struct msghdr, never waiting. With MSG_TRUNC: the value is the whole length, even if cut. */
export const receiveMessageNow = (fd: number, header: Buffer): SystemResult =>
  answer(libc().recvmsg(fd, header, MSG_DONTWAIT | MSG_TRUNC))

/** recvfrom(2), never waiting ("EAGAIN"). With MSG_TRUNC: the value is the length the message has, even if cut. */
export function receiveNow(fd: number, into: Buffer, from?: Buffer): SystemResult {
  const flags = MSG_DONTWAIT | MSG_TRUNC
  if (from === undefined) return answer(libc().recvfrom(fd, into, into.length, flags, null, null))
  fromLength.writeInt32LE(from.length, 0)
  return answer(libc().recvfrom(fd, into, into.length, flags, from, fromLength))
}

/** sendto(2) in the thread pool: for sends in which the kernel may wait for a lock, as netlink's. Never rejects. */
export const sendInPool = (fd: number, bytes: Buffer): Promise<SystemResult> =>
  inPool(done => libc().sendto.async(fd, bytes, bytes.length, 0, null, 0, done))

/** recvfrom(2) in the thread pool, waiting as SO_RCVTIMEO says; the length is the message's, even if cut. */
export const receiveInPool = (fd: number, into: Buffer): Promise<SystemResult> =>
  inPool(done => libc().recvfrom.async(fd, into, into.length, MSG_TRUNC, null, null, done))

/** ioctl(2) with a structure, in the thread pool: drivers may take their time, or wait for a lock. Never rejects. */
export const ioctlInPool = (fd: number, request: number, structure: Buffer): Promise<SystemResult> =>
  inPool(done => libc().ioctl.async(fd, request, structure, done))

/** Where a buffer's bytes are, for a structure that points there; the buffer has to be kept as long as that one. */
export const addressOfBytes = (bytes: Buffer): bigint => BigInt(koffi.address(bytes))

/** fcntl(2) F_SETFD FD_CLOEXEC: the descriptor does not leak into programs that are started. */
export const setCloseOnExec = (fd: number): SystemResult => answer(libc().fcntl(fd, F_SETFD, FD_CLOEXEC))

/** timerfd_create(2) on CLOCK_MONOTONIC, close-on-exec and non-blocking. */
export const timerFd = (): SystemResult => answer(libc().timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK))

/** timerfd_settime(2) with an absolute struct itimerspec. */
export const setTimerFd = (fd: number, specification: Buffer): SystemResult =>
  answer(libc().timerfd_settime(fd, TFD_TIMER_ABSTIME, specification, null))

/** read(2). */
export const read = (fd: number, into: Buffer): SystemResult => answer(libc().read(fd, into, into.length))

/** sched_setscheduler(2) for a thread, 0 being the calling one, with a struct sched_param. */
export const setScheduler = (thread: number, policy: number, parameters: Buffer): SystemResult =>
  answer(libc().sched_setscheduler(thread, policy, parameters))

/** sched_setaffinity(2) for a thread of this process, with one bit for each processor. */
export const setAffinity = (thread: number, processors: Buffer): SystemResult =>
  answer(libc().sched_setaffinity(thread, processors.length, processors))

/** setrlimit(2) with a struct rlimit. */
export const setLimit = (resource: number, limit: Buffer): SystemResult => answer(libc().setrlimit(resource, limit))

/** mlock2(2) MLOCK_ONFAULT: pages stay in memory from when they are first used. */
export const lockOnUse = (address: number, lengthBytes: number): SystemResult =>
  answer(libc().mlock2(address, lengthBytes, MLOCK_ONFAULT))

/** munlockall(2). */
export const unlockAll = (): SystemResult => answer(libc().munlockall())

/** prctl(2) PR_SET_NAME: what the calling thread is called; the first 15 bytes count. */
export const setThreadName = (name: string): SystemResult => answer(libc().prctl(PR_SET_NAME, name))

/** setns(2) CLONE_NEWNET for the calling thread, and for what it starts from then on. */
export const enterNetwork = (fd: number): SystemResult => answer(libc().setns(fd, CLONE_NEWNET))

/** signal(2) SIG_IGN, also for signals that Node has no name for. */
export const ignoreSignal = (signal: number): void => void libc().signal(signal, SIG_IGN)

/** glibc's text for an error number, as the native packages report it. strerror(3) */
export const errorMessage = (errno: number): string => libc().strerror(errno) as string

/**
 * Calls back while the descriptor is readable (level-triggered). The callback runs outside any callback scope of Node,
 * where an exception wedges the loop: it must not throw.
 */
export function watchReadable(fd: number, onReadable: () => void): ReadableWatch {
  const handle = koffi.node.poll(fd, {readable: true}, () => onReadable())
  return {close: () => handle.close()}
}

/** A level and a name of setsockopt(2). */
export interface SocketOption {
  readonly level: number
  readonly name: number
}

/** Families, types and options as x86, ARM and RISC-V number them. <bits/socket.h>, <asm-generic/socket.h> */
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000
/** With 64-bit times on every platform, SO_RCVTIMEO_NEW. */
export const SO_RCVTIMEO: SocketOption = {level: 1, name: 66}
export const SO_PROTOCOL: SocketOption = {level: 1, name: 38}
export const SO_COOKIE: SocketOption = {level: 1, name: 57}

const SO_ATTACH_FILTER: SocketOption = {level: 1, name: 26}
const SO_SNDBUF: SocketOption = {level: 1, name: 7}
const SO_SNDBUFFORCE: SocketOption = {level: 1, name: 32}
const SO_RCVBUF: SocketOption = {level: 1, name: 8}
const SO_RCVBUFFORCE: SocketOption = {level: 1, name: 33}
const SO_MEMINFO: SocketOption = {level: 1, name: 55}
const DROPS_WORD = 8
const MSG_TRUNC = 0x20
const MSG_DONTWAIT = 0x40
const F_SETFD = 2
const FD_CLOEXEC = 1
const CLOCK_MONOTONIC = 1
const TFD_TIMER_ABSTIME = 1
const TFD_NONBLOCK = 0o4000
const TFD_CLOEXEC = 0o2000000
const MLOCK_ONFAULT = 1
const PR_SET_NAME = 15
const CLONE_NEWNET = 0x4000_0000
const SIG_IGN = 1

const fromLength = Buffer.alloc(4)

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value, 0)
  return bytes
}

const answer = (result: unknown): SystemResult =>
  typeof result === 'number' && result >= 0 ? {ok: true, value: result} : {ok: false, reason: errnoName(koffi.errno())}

function inPool(start: (done: (error: unknown, result: unknown) => void) => void): Promise<SystemResult> {
  return new Promise(resolve => {
    try {
      // koffi carries errno from the pool's thread into the callback.
      start((error, result) => resolve(error ? {ok: false, reason: 'ECANCELED'} : answer(result)))
    } catch {
      // Its queue of asynchronous calls is full.
      resolve({ok: false, reason: 'EAGAIN'})
    }
  })
}

type Libc = ReturnType<typeof declareLibc>
let loaded: Libc | undefined
const libc = (): Libc => {
  loaded ??= declareLibc()
  return loaded
}

/** Declares the functions once; `null` means the C library that Node itself runs on, whichever it is. */
function declareLibc() {
  const library = koffi.load(null)
  // koffi knows no ssize_t.
  return {
    socket: library.func('int socket(int family, int type, int protocol)'),
    close: library.func('int close(int fd)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
    connect: library.func('int connect(int fd, const void *address, uint32_t length)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, void *length)'),
    getsockname: library.func('int getsockname(int fd, void *address, void *length)'),
    sendto: library.func(
      'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, uint32_t toLength)',
    ),
    recvfrom: library.func(
      'intptr_t recvfrom(int fd, void *bytes, size_t length, int flags, void *from, void *fromLength)',
    ),
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *structure)'),
    sendmsg: library.func('intptr_t sendmsg(int fd, const void *header, int flags)'),
    recvmsg: library.func('intptr_t recvmsg(int fd, void *header, int flags)'),
    fcntl: library.func('int fcntl(int fd, int command, int value)'),
    timerfd_create: library.func('int timerfd_create(int clock, int flags)'),
    timerfd_settime: library.func('int timerfd_settime(int fd, int flags, const void *value, void *old)'),
    read: library.func('intptr_t read(int fd, void *bytes, size_t length)'),
    sched_setscheduler: library.func('int sched_setscheduler(int pid, int policy, const void *parameters)'),
    sched_setaffinity: library.func('int sched_setaffinity(int pid, size_t length, const void *processors)'),
    setrlimit: library.func('int setrlimit(int resource, const void *limit)'),
    mlock2: library.func('int mlock2(uintptr_t address, size_t length, unsigned int flags)'),
    munlockall: library.func('int munlockall()'),
    prctl: library.func('int prctl(int option, const char *name)'),
    setns: library.func('int setns(int fd, int type)'),
    signal: library.func('intptr_t signal(int signal, intptr_t handler)'),
    strerror: library.func('const char *strerror(int number)'),
  }
}
