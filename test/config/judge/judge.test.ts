import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {JUDGEMENT_CODES} from '../../../src/config/codes/judgement-codes.ts'
import {LINTS} from '../../../src/config/judge/judge.ts'
import {instanceText, parse} from '../support.ts'
import {real, server} from './judge-support.ts'

const tests = readdirSync(import.meta.dirname)
  .map(name => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n')

/** Found while the text is read, where a comment is still to be seen. */
const WHILE_READING: readonly string[] = ['secret-cut-short']

describe('judgements', () => {
  it.each(Object.entries(JUDGEMENT_CODES))('%s has tests', (_name, {code}) => {
    expect(tests).toContain(`code: '${code}'`)
  })

  it('are each looked for', () => {
    const looked = [...LINTS.map(({name}) => name), ...WHILE_READING]
    expect(looked.toSorted()).toEqual(Object.keys(JUDGEMENT_CODES).toSorted())
  })

  it('find nothing in a pair of routers and servers as they should be', () => {
    const text = [
      'global_defs {',
      ' script_user root',
      ' enable_script_security',
      '}',
      'vrrp_script s {',
      ' script "/usr/bin/pgrep haproxy"',
      ' interval 2',
      ' timeout 1',
      ' weight -20',
      '}',
      instanceText(' priority 100', ' advert_int 1', ' track_script { s }'),
      server('10.0.0.1 443', real('10.0.1.1 443', 'TCP_CHECK { }'), real('10.0.1.2 443', 'TCP_CHECK { }')),
    ].join('\n')
    const told = parse(text).diagnostics.filter(({code}) => !code.startsWith('HC19'))
    expect(told.map(({code, message}) => `${code} ${message}`)).toEqual([])
  })
})
