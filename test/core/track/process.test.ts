import {describe, expect, it} from 'vitest'
import {
  decidingBytes,
  describeCount,
  INITIAL_PROCESS_STATE,
  judgeProcesses,
  type ProcessPattern,
  type ProcessQuorum,
  type ProcessState,
  processDelayEnded,
  processMatcher,
} from '../../../src/core/track/process.ts'
import {monotonicMs} from '../../../src/core/units.ts'

const pattern = (words: string, parameterMatch?: ProcessPattern['parameterMatch'], fullCommand = false) => ({
  process: words.split(' ') as [string, ...string[]],
  parameterMatch,
  fullCommand,
})

/** A process as /proc shows it: its name, and its arguments with a zero behind each. */
const running = (words: string) => ({
  name: words.split(' ')[0]?.split('/').at(-1)?.slice(0, 15),
  commandLine: words
    .split(' ')
    .map(word => `${word}\0`)
    .join(''),
})

// keepalived.conf(5), vrrp_track_process.
describe('a pattern', () => {
  it.each<[string, ProcessPattern['parameterMatch'], boolean, string, boolean]>([
    ['nginx', undefined, false, '/usr/sbin/nginx -g x', true],
    ['ssh', undefined, false, 'sshd', false],
    ['/usr/sbin/nginx', undefined, false, '/usr/sbin/nginx', false],
    ['/usr/sbin/nginx', undefined, true, '/usr/sbin/nginx -g x', true],
    ['nginx', undefined, true, '/usr/sbin/nginx', false],
    ['p a b', 'exact', false, 'p a b', true],
    ['p a b', 'exact', false, 'p a b c', false],
    ['p a b', 'exact', false, 'p a bc', false],
    ['p a b', 'exact', false, 'p a', false],
    ['p', 'exact', false, 'p', true],
    ['p', 'exact', false, 'p a', false],
    ['p a b', 'partial', false, 'p a b c', true],
    ['p a b', 'partial', false, 'p a bc', false],
    ['p a b', 'initial', false, 'p a bc d', true],
    ['p a b', 'initial', false, 'p ab', false],
    ['p', 'initial', false, 'p whatever', true],
    ['p', 'partial', false, 'p whatever', true],
    ['p a', 'initial', false, 'pp a', false],
  ])('%s (%s, full_command %s) of a process %s: %s', (words, match, full, process, outcome) => {
    expect(processMatcher(pattern(words, match, full))(running(process))).toBe(outcome)
  })

  it('needs no more of a command line than it says', () => {
    const exact = pattern('p aé', 'exact')
    const start = (words: string) => Buffer.from(running(words).commandLine).subarray(0, decidingBytes(exact))
    const matches = (words: string) => processMatcher(exact)({name: 'p', commandLine: start(words).toString('latin1')})
    expect([matches('p aé'), matches('p aé b'), matches('p aéx')]).toEqual([true, false, false])
  })

  it('never is what has no command line, as a process that ended', () => {
    for (const commandLine of ['', undefined, '\0']) {
      expect(processMatcher(pattern('p', 'partial'))({name: 'p', commandLine})).toBe(false)
    }
  })
})

const quorum = (given: Partial<ProcessQuorum> = {}): ProcessQuorum => ({
  quorum: 1,
  quorumMax: undefined,
  terminateDelayMs: undefined,
  forkDelayMs: undefined,
  ...given,
})

describe('a quorum', () => {
  it.each([
    [{}, 0, 'bad'],
    [{}, 1, 'good'],
    [{quorum: 3}, 2, 'bad'],
    [{quorum: 3}, 3, 'good'],
    [{quorumMax: 2}, 2, 'good'],
    [{quorumMax: 2}, 3, 'bad'],
    [{quorumMax: 0}, 0, 'good'],
    [{quorumMax: 0}, 1, 'bad'],
  ])('of %j is at once with %i processes: %s', (given, count, verdict) => {
    const config = {...quorum(given), forkDelayMs: 900, terminateDelayMs: 900}
    const state = judgeProcesses(INITIAL_PROCESS_STATE, config, {count, cause: 'fork'}, monotonicMs(0))
    expect(state).toEqual({verdict, due: undefined})
  })

  const GOOD: ProcessState = {verdict: 'good', due: undefined}
  const delayed = quorum({forkDelayMs: 300, terminateDelayMs: 500})
  const judge = (state: ProcessState, count: number, cause: 'fork' | 'exit' | 'other', at: number) =>
    judgeProcesses(state, delayed, {count, cause}, monotonicMs(at))

  it('is lost a terminate delay after a process ended', () => {
    const pending = judge(GOOD, 0, 'exit', 1_000)
    expect(pending).toEqual({verdict: 'good', due: 1_500})
    expect(processDelayEnded(pending, delayed, 0, monotonicMs(1_499))).toBe(pending)
    expect(processDelayEnded(pending, delayed, 0, monotonicMs(1_500))).toEqual({verdict: 'bad', due: undefined})
  })

  it('is not lost when a process returns before that', () => {
    const pending = judge(GOOD, 0, 'exit', 1_000)
    expect(judge(pending, 1, 'fork', 1_400)).toEqual(GOOD)
  })

  it('is gained a fork delay after a process was forked, however many follow', () => {
    const pending = judge({verdict: 'bad', due: undefined}, 1, 'fork', 1_000)
    expect(judge(pending, 2, 'fork', 1_299)).toEqual({verdict: 'bad', due: 1_300})
    expect(judge(pending, 2, 'other', 1_299)).toEqual({verdict: 'bad', due: 1_300})
    expect(judge(pending, 2, 'fork', 1_300)).toEqual({verdict: 'good', due: undefined})
  })

  it('changes at once when a process becomes another program', () => {
    expect(judge(GOOD, 0, 'other', 1_000)).toEqual({verdict: 'bad', due: undefined})
  })

  it('changes at once without delays', () => {
    expect(judgeProcesses(GOOD, quorum(), {count: 0, cause: 'exit'}, monotonicMs(5)).verdict).toBe('bad')
  })

  it.each([
    [{}, 0, 'no processes run, at least 1 has to'],
    [{quorum: 2}, 1, '1 process runs, at least 2 have to'],
    [{quorumMax: 3}, 4, '4 processes run, at most 3 may'],
    [{quorumMax: 0}, 1, '1 process runs, none may'],
    [{}, 2, '2 processes run'],
  ])('of %j with %i processes says: %s', (given, count, text) => {
    expect(describeCount(quorum(given), count)).toBe(text)
  })
})
