import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import {TOPICS} from '../../src/cli/command-table.ts'
import {bashCompletion} from '../../src/cli/completion.ts'
import {temporaryDirectory} from '../control/temporary.ts'

const hasBash = spawnSync('bash', ['--version']).status === 0
const name = hasBash ? 'completion in bash' : 'completion in bash (skipped: there is no bash)'

describe.skipIf(!hasBash)(name, () => {
  let script = ''
  let contexts: string | undefined

  beforeAll(async () => {
    script = await bashCompletion()
  })

  /** What bash offers after these words, of which the last is being typed. */
  function offered(...words: string[]): string[] {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'sub'))
    writeFileSync(join(directory, 'a file.conf'), '')
    const test = `COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _hactl; printf '%s\\n' "\${COMPREPLY[@]}"`
    const run = spawnSync('bash', ['--norc', '-c', `${script}\n${test}`, 'bash', 'hactl', ...words], {
      cwd: directory,
      encoding: 'utf8',
      env: {...process.env, XDG_CONFIG_HOME: contexts ?? '/nonexistent'},
    })
    expect(run.stderr).toBe('')
    expect(readdirSync(directory)).toEqual(['a file.conf', 'sub'])
    return run.stdout.split('\n').filter(line => line !== '')
  }

  it.each([
    ['topics', [''], ['help', ...Object.keys(TOPICS).filter(topic => !topic.includes(':')), '--help', '--version']],
    ['a topic', ['val'], ['validate']],
    ['the verbs of a topic', ['config', 'ex'], ['explain']],
    ['the verbs of checks', ['check', ''], ['digest', 'history', 'list', 'pause', 'resume', 'run', 'show']],
    ['the verbs of contexts', ['context', ''], ['add', 'list', 'remove', 'use']],
    ['versions of HTTP', ['check', 'run', '--protocol', '1.0'], ['1.0', '1.0c']],
    ['a topic below a topic', ['lvs', 'sy'], ['sync']],
    ['the verbs of a topic below a topic', ['lvs', 'sync', 'sta'], ['start', 'status']],
    ['the values of an argument of such a verb', ['lvs', 'sync', 'stop', ''], ['master', 'backup']],
    ['the flags of such a verb', ['lvs', 'sync', 'start', '--max'], ['--max-length']],
    ['values of a flag of a verb with a dash', ['lvs', 'save', '--format', ''], ['ipvsadm', 'json']],
    ['files with rules', ['lvs', 'apply', 'a'], ['a file.conf']],
    ['topics after help', ['help', 'con'], ['config', 'context']],
    ['flags', ['config', 'explain', '--un'], ['--unsupported']],
    ['values of a flag', ['validate', 'config', '--format', ''], ['human', 'json', 'sarif']],
    ['values of a flag after =', ['validate', 'config', '--format', '=', 'sa'], ['sarif']],
    ['values of a flag right after =', ['validate', 'config', '--format', '='], ['human', 'json', 'sarif']],
    ['a keyword', ['config', 'explain', 'virtual_router'], ['virtual_router_id']],
    ['a keyword of a block', ['config', 'explain', 'vrrp_instance.pri'], ['vrrp_instance.priority']],
    ['an option of a line', ['config', 'explain', 'noprefix'], ['noprefixroute']],
    ['a code', ['config', 'explain', 'HC121'], ['HC1210', 'HC1211', 'HC1212', 'HC1213', 'HC1215']],
    ['files with spaces as one', ['validate', 'config', 'a'], ['a file.conf']],
    ['directories', ['agent', 'run', '--state-dir', ''], ['sub']],
    ['nothing for a topic that is none', ['nonsense', ''], []],
    ['nothing for a verb that is none', ['config', 'nonsense', ''], []],
    ['nothing for a pattern', ['config', 'explain', '*'], []],
    ['nothing for a command', ['config', 'explain', '$(touch pwned)'], []],
  ])('offers %s', (_what, words, expected) => {
    expect(offered(...words)).toEqual(expected)
  })

  it('offers names of contexts, and nothing else that stands in their file', () => {
    contexts = temporaryDirectory()
    expect(offered('context', 'use', '')).toEqual([])
    mkdirSync(join(contexts, 'hactl'))
    const named = ['prod', 'lab', '$(touch pwned)', 'a b'].map(name => [name, {nodes: ['local', 'ssh://lb1']}])
    const text = JSON.stringify({current: 'prod', contexts: Object.fromEntries(named)}, null, 2)
    writeFileSync(join(contexts, 'hactl', 'contexts.json'), text)
    expect(offered('context', 'use', '')).toEqual(['prod', 'lab'])
    expect(offered('context', 'remove', 'p')).toEqual(['prod'])
    expect(offered('vrrp', 'status', '--context', 'l')).toEqual(['lab'])
    expect(offered('vrrp', 'status', '--context', '=')).toEqual(['prod', 'lab'])
    contexts = undefined
  })

  it('keeps codes and keywords of blocks back until they are begun', () => {
    const words = offered('config', 'explain', '')
    expect(words).toContain('priority')
    expect(words.filter(word => word.includes('.') || word.startsWith('HC'))).toEqual([])
  })
})
