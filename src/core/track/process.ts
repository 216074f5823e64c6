import {after, type MonotonicMs} from '../units.ts'
import type {Verdict} from './tracking.ts'

/** Which processes a `vrrp_track_process` counts. keepalived.conf(5). */
export interface ProcessPattern {
  /** The name of the program and the arguments that it has to have. */
  readonly process: readonly [string, ...string[]]
  /** Undefined: arguments are not looked at. */
  readonly parameterMatch: 'exact' | 'initial' | 'partial' | undefined
  readonly fullCommand: boolean
}

/** How many of them there have to be, and how long a change lasts until it counts, milliseconds. */
export interface ProcessQuorum {
  readonly quorum: number
  /** Undefined: any number; 0: there may be none. */
  readonly quorumMax: number | undefined
  readonly terminateDelayMs: number | undefined
  readonly forkDelayMs: number | undefined
}

/** What is known of one process. */
export interface ProcessFacts {
  /** The name that the kernel keeps, at most 15 bytes, one character a byte; undefined when nobody asked. */
  readonly name: string | undefined
  /** /proc/PID/cmdline or its beginning, one character a byte: every argument ends in a zero. */
  readonly commandLine: string | undefined
}

/** What a quorum is held to be. */
export interface ProcessState {
  readonly verdict: Verdict
  /** When the other verdict counts, if nothing changes until then. */
  readonly due: MonotonicMs | undefined
}

/** Before processes have been counted for the first time. */
export const INITIAL_PROCESS_STATE: ProcessState = {verdict: 'unknown', due: undefined}

/** Whether the command line decides, which the kernel has to fetch from the process's own memory. */
export const comparesCommandLine = ({fullCommand, parameterMatch}: ProcessPattern): boolean =>
  fullCommand || parameterMatch !== undefined

/** How many bytes of a command line decide: all that have to be the same, and one to see that more follow. */
export const decidingBytes = ({process: words}: ProcessPattern): number => asBytes(words.join('\0')).length + 2

/** A test for one pattern, made once and asked for every process. keepalived.conf(5), vrrp_track_process. */
export function processMatcher(pattern: ProcessPattern): (facts: ProcessFacts) => boolean {
  const [program, ...parameters] = pattern.process.map(asBytes) as [string, ...string[]]
  if (!comparesCommandLine(pattern)) return ({name}) => name === program
  const expected = parameters.map(parameter => `${parameter}\0`).join('')
  const matches = parameterTest(pattern.parameterMatch, expected)
  return ({commandLine = ''}) => {
    const end = commandLine.indexOf('\0')
    const path = end < 0 ? commandLine : commandLine.slice(0, end)
    return path !== '' && path === program && matches(end < 0 ? '' : commandLine.slice(end + 1))
  }
}

/**
 * Takes in how many processes there are. A change that came by a fork counts after the fork delay, one that came by a
 * termination after the terminate delay, and any other at once; what returns before that has not changed. The first
 * count decides at once.
 */
export function judgeProcesses(
  state: ProcessState,
  config: ProcessQuorum,
  {count, cause}: {readonly count: number; readonly cause: 'fork' | 'exit' | 'other'},
  now: MonotonicMs,
): ProcessState {
  const verdict: Verdict = hasQuorum(config, count) ? 'good' : 'bad'
  if (verdict === state.verdict || state.verdict === 'unknown') return {verdict, due: undefined}
  const delayMs = (cause === 'fork' ? config.forkDelayMs : cause === 'exit' ? config.terminateDelayMs : 0) ?? 0
  const due = state.due ?? after(now, delayMs)
  return due <= now ? {verdict, due: undefined} : {verdict: state.verdict, due}
}

/** Lets a delay end; nothing happens before it is over. */
export function processDelayEnded(
  state: ProcessState,
  config: ProcessQuorum,
  count: number,
  now: MonotonicMs,
): ProcessState {
  if (state.due === undefined || state.due > now) return state
  return {verdict: hasQuorum(config, count) ? 'good' : 'bad', due: undefined}
}

/** The count in words: "1 process runs, at least 2 have to". */
export function describeCount({quorum, quorumMax}: ProcessQuorum, count: number): string {
  const runs = count === 1 ? '1 process runs' : `${count === 0 ? 'no' : count} processes run`
  if (quorumMax === 0) return count === 0 ? runs : `${runs}, none may`
  if (count < quorum) return `${runs}, at least ${quorum} ${quorum === 1 ? 'has' : 'have'} to`
  return quorumMax !== undefined && count > quorumMax ? `${runs}, at most ${quorumMax} may` : runs
}

/** `quorum_max 0` stands beside the quorum of 1 that there always is, and overrides it. */
const hasQuorum = ({quorum, quorumMax}: ProcessQuorum, count: number): boolean =>
  quorumMax === 0 ? count === 0 : count >= quorum && (quorumMax === undefined || count <= quorumMax)

function parameterTest(match: ProcessPattern['parameterMatch'], expected: string): (given: string) => boolean {
  switch (match) {
    case undefined:
      return () => true
    case 'exact':
      return given => given === expected
    case 'partial':
      return given => given.startsWith(expected)
    case 'initial':
      // The last argument may go on: the zero at its end is not compared.
      return given => given.startsWith(expected.slice(0, -1))
  }
}

/** One character a byte, as the kernel's files are read: they need not be UTF-8. */
const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
