declare const unit: unique symbol
/** A number that carries its unit and range in its type. */
export type Unit<Name extends string> = {readonly [unit]: Name}

/** Milliseconds of a clock that never steps, with fractions; its zero is arbitrary. */
export type MonotonicMs = number & Unit<'MonotonicMs'>
/** Hundredths of a second (10 ms); 12 bits on the wire, 1..4095. RFC 9568 section 5.2.7. */
export type Centiseconds = number & Unit<'Centiseconds'>
/** Virtual Router Identifier, 1..255. RFC 9568 section 5.2.3. */
export type Vrid = number & Unit<'Vrid'>
/** 0 = leaving, 1..254, 255 = address owner. RFC 9568 section 5.2.4. */
export type Priority = number & Unit<'Priority'>
/** The kernel's number of a network interface, 1 or more. */
export type InterfaceIndex = number & Unit<'InterfaceIndex'>

export const monotonicMs = (n: number): MonotonicMs => n as MonotonicMs
export const centiseconds = (n: number): Centiseconds => ranged('interval (cs)', n, 1, 4095) as Centiseconds
export const vrid = (n: number): Vrid => ranged('virtual router id', n, 1, 255) as Vrid
export const priority = (n: number): Priority => ranged('priority', n, 0, 255) as Priority
export const interfaceIndex = (n: number): InterfaceIndex =>
  ranged('interface index', n, 1, 0x7fff_ffff) as InterfaceIndex

/** Converts hundredths of a second to milliseconds. */
export const centisecondsToMs = (cs: number): number => cs * 10

/** The moment `delayMs` after `at`. */
export const after = (at: MonotonicMs, delayMs: number): MonotonicMs => (at + delayMs) as MonotonicMs

/** The earliest of the moments that are set. */
export function earliest(moments: readonly (MonotonicMs | undefined)[]): MonotonicMs | undefined {
  let first: MonotonicMs | undefined
  for (const moment of moments) {
    if (moment !== undefined && (first === undefined || moment < first)) first = moment
  }
  return first
}

/** Passes a whole number within `min..max` through; a broken invariant throws. */
export function ranged(what: string, n: number, min: number, max: number): number {
  if (!Number.isInteger(n) || n < min || n > max) throw new RangeError(`${what} ${n} is not within ${min}..${max}`)
  return n
}
