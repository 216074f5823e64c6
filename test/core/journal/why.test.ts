import {describe, expect, it} from 'vitest'
import type {JournalKind, JournalRecord} from '../../../src/core/journal/record.ts'
import {explain} from '../../../src/core/journal/why.ts'

const SUBJECT = {instance: 'VI_1', interfaces: ['ens33'], trackers: ['script chk_nginx']}

/** Records from lines of `kind instance text` with `-` for no instance; facts where a rule looks at them. */
function journal(...lines: readonly (readonly [JournalKind, string, string, JournalRecord['facts']?])[]) {
  return lines.map(([kind, instance, text, facts = {}], i): JournalRecord => {
    const at = new Date(i * 1000).toISOString()
    return {seq: i + 1, at, kind, ...(instance === '-' ? {} : {instance}), text, facts}
  })
}

const texts = (records: readonly JournalRecord[]): readonly string[] =>
  explain(records, SUBJECT).chain.map(record => record.text)

describe('why an instance is in its state', () => {
  it('has no answer without a transition', () => {
    expect(explain(journal(['agent-started', '-', 'agent started']), SUBJECT)).toEqual({
      transition: undefined,
      chain: [],
    })
  })

  it('goes from a lost election back to the script behind the priority, however long ago that was', () => {
    const records = journal(
      ['tracker-changed', '-', 'chk_nginx went bad', {tracker: 'script chk_nginx'}],
      ['priority-changed', 'VI_1', '101 -> 96', {tracker: 'script chk_nginx'}],
      ['transition', 'VI_1', 'init -> backup', {priority: 96, basePriority: 101}],
      ['tracker-changed', '-', 'another one', {tracker: 'script chk_other'}],
      ['transition', 'VI_2', 'backup -> master', {priority: 100, basePriority: 100}],
      ['transition', 'VI_1', 'backup -> master', {priority: 96, basePriority: 101}],
      ['transition', 'VI_1', 'master -> backup', {priority: 96, basePriority: 101}],
    )
    expect(texts(records)).toEqual(['chk_nginx went bad', '101 -> 96', 'backup -> master', 'master -> backup'])
    expect(explain(records, SUBJECT).transition?.seq).toBe(7)
  })

  it('tells what happened between two transitions, and nothing of other instances', () => {
    const records = journal(
      ['transition', 'VI_1', 'backup -> master', {priority: 100, basePriority: 100}],
      ['link-changed', '-', 'eth9 is down', {interface: 'eth9'}],
      ['link-changed', '-', 'ens33 is down', {interface: 'ens33'}],
      ['process-died', '-', 'check died', {process: 'check'}],
      ['transition', 'VI_1', 'master -> fault', {priority: 100, basePriority: 100}],
    )
    expect(texts(records)).toEqual(['backup -> master', 'ens33 is down', 'master -> fault'])
  })

  it('adds what happened to the addresses since, and stays short', () => {
    const records = journal(
      ['process-died', '-', 'vrrp died', {process: 'vrrp'}],
      ['transition', 'VI_1', 'init -> master', {priority: 100, basePriority: 100}],
      ...Array.from({length: 50}, () => ['vip-restored', 'VI_1', 'back'] as const),
    )
    const chain = texts(records)
    expect(chain).toHaveLength(20)
    expect(chain[0]).toBe('init -> master')
    expect(texts(records.slice(0, 3))).toEqual(['vrrp died', 'init -> master', 'back'])
  })

  it('names what the kernel refused to this instance, before and after', () => {
    const records = journal(
      ['transition', 'VI_1', 'init -> backup', {priority: 100, basePriority: 100}],
      ['kernel-error', 'VI_2', 'a route of another one'],
      ['kernel-error', '-', 'something of nobody'],
      ['transition', 'VI_1', 'backup -> master', {priority: 100, basePriority: 100}],
      ['kernel-error', 'VI_1', 'could not add a route'],
    )
    expect(texts(records)).toEqual(['init -> backup', 'backup -> master', 'could not add a route'])
  })
})
