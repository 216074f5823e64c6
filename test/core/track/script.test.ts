import {describe, expect, it} from 'vitest'
import {countResult, describeResult, INITIAL_SCRIPT_STATE, type ScriptResult} from '../../../src/core/track/script.ts'

const result = (letter: string): ScriptResult =>
  letter === '+' ? {type: 'exited', status: 0} : {type: 'exited', status: 1}

// keepalived.conf(5), vrrp_script: fall failures make it bad, rise successes make it good; the first decides at once.
describe('a script', () => {
  it.each([
    ['+', 1, 1, 'good'],
    ['-', 1, 3, 'bad'],
    ['+--', 1, 3, 'good'],
    ['+---', 1, 3, 'bad'],
    ['+--+--', 1, 3, 'good'],
    ['-+', 2, 1, 'bad'],
    ['-++', 2, 1, 'good'],
    ['-+-+', 2, 1, 'bad'],
  ])('after %s with rise %i and fall %i is %s', (results, rise, fall, verdict) => {
    let state = INITIAL_SCRIPT_STATE
    for (const letter of results) state = countResult(state, result(letter), {rise, fall})
    expect(state.verdict).toBe(verdict)
  })

  it.each<[ScriptResult, string]>([
    [{type: 'exited', status: 2}, 'exit status 2'],
    [{type: 'killed', signal: 'SIGSEGV'}, 'killed by SIGSEGV'],
    [{type: 'timed-out', afterMs: 1500}, 'timed out after 1.5 s'],
    [{type: 'not-started', reason: 'there is no /x'}, 'could not be started: there is no /x'],
  ])('says how it ended and counts it as failure: %j', (outcome, text) => {
    expect(describeResult(outcome)).toBe(text)
    expect(countResult(INITIAL_SCRIPT_STATE, outcome, {rise: 1, fall: 1}).verdict).toBe('bad')
  })
})
