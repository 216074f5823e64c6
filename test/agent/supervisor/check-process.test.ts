import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {CheckProcess} from '../../../src/agent/supervisor/check-process.ts'
import {parseConfig} from '../../../src/config/parse.ts'

let directory: string
let heard: string[]
let news: unknown[]
let deaths: number
let check: CheckProcess
const at = (name: string): string => join(directory, name)

/** A process at the other end of the channel: it asks for a program, and tells what it hears by its journal. */
function otherEnd(): string {
  const tell = `const tell = text => process.send({type: 'journal', entries: [{at: '', kind: 'check', text, facts: {}}]})`
  writeFileSync(
    at('other-end.cjs'),
    `const {existsSync} = require('node:fs')
    ${tell}
    const first = !existsSync('${at('died')}')
    process.on('message', message => {
      if (message.type === 'configure') {
        tell('files ' + JSON.stringify(message.settings.files))
        process.send({type: 'configured', n: message.n})
        process.send({type: 'overrides', list: [{id: 'lvs-timeouts'}], count: 1, problem: null})
        if (!first) return
        process.send({type: 'check-news', news: [{made: 'up'}]})
        const probe = {type: 'misc', words: ['${at('program')}'], timeoutMs: 60000, dynamic: true, user: undefined}
        process.send({type: 'run', n: 7, probe})
      } else if (message.type === 'ran') tell('ran ' + message.n + ' ' + JSON.stringify(message.result.weight))
      else if (message.type === 'file') tell('file ' + message.name + ' ' + message.value)
      else if (message.type === 'stop') process.exit(0)
    })`,
  )
  return at('other-end.cjs')
}

function program(lines: string): void {
  writeFileSync(at('program'), `#!/bin/sh\n${lines}\n`)
  chmodSync(at('program'), 0o755)
}

const TEXT = `
  global_defs { script_user ${userInfo().username} }
  track_file load { file /run/load
  }
  track_file unused { file /run/unused
  }
  virtual_server 192.0.2.1 80 { lvs_sched rr
    real_server 10.0.0.1 80 {
      FILE_CHECK { track_file load
      }
    }
  }`

const standing = (name: string, value: number): TrackerStanding => ({
  kind: 'file',
  name,
  verdict: 'good',
  value,
  detail: undefined,
})

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-check-process-'))
  heard = []
  news = []
  deaths = 0
  check = new CheckProcess({
    child: {
      name: 'check',
      modulePath: otherEnd(),
      onDied: () => deaths++,
      onStalled: () => {},
      onOutput: line => heard.push(line),
    },
    stateDirectory: directory,
    journal: ({text}) => heard.push(text),
    isMaster: () => false,
    tracked: () => [standing('load', 4), standing('unused', 5)],
    onNews: some => news.push(...some),
  })
  void check.use(parseConfig({file: 'test.conf', text: TEXT}).config, {observing: false})
})
afterEach(async () => {
  await check.stop()
  rmSync(directory, {recursive: true, force: true})
})

describe('the check process', () => {
  it('has its programs run and hears how they end', async () => {
    program('exit 12')
    check.start()
    await expect.poll(() => heard).toContain('ran 7 {"type":"instead","weight":10}')
    expect(news).toEqual([{made: 'up'}])
  })

  it('is waited for when it starts and somebody asks what operators changed', async () => {
    program('exit 0')
    check.start()
    expect(await check.overrides()).toEqual([{id: 'lvs-timeouts'}])
    expect(heard).toContain('files {"load":4}')
  })

  it('hears of the files that its checkers follow, and of no others', async () => {
    program('exit 0')
    check.start()
    await expect.poll(() => heard).toContain('files {"load":4}')
    check.trackerChanged(standing('unused', 6))
    check.trackerChanged({...standing('load', 1), kind: 'script'})
    check.trackerChanged(standing('load', 7))
    await expect.poll(() => heard).toContain('file load 7')
    expect(heard.filter(text => text.startsWith('file '))).toEqual(['file load 7'])
  })

  it('takes its programs along when it dies, and the next one hears nothing of them', async () => {
    program(`echo $$ >${at('pid.new')}; mv ${at('pid.new')} ${at('pid')}; sleep 60`)
    check.start()
    const pid = await started()
    writeFileSync(at('died'), '')
    process.kill(check.status.pid ?? 0, 'SIGKILL')
    await expect.poll(() => heard.filter(text => text.startsWith('files '))).toHaveLength(2)
    expect(deaths).toBe(1)
    await expect.poll(() => isRunning(pid)).toBe(false)
    check.trackerChanged(standing('load', 8))
    await expect.poll(() => heard).toContain('file load 8')
    expect(heard.filter(text => text.startsWith('ran '))).toEqual([])
  })

  it('takes its programs along when it is stopped', async () => {
    program(`echo $$ >${at('pid.new')}; mv ${at('pid.new')} ${at('pid')}; sleep 60`)
    check.start()
    const pid = await started()
    expect(await check.stop()).toBe(true)
    expect(isRunning(pid)).toBe(false)
  })
})

async function started(): Promise<number> {
  await expect.poll(() => existsSync(at('pid'))).toBe(true)
  return Number(readFileSync(at('pid'), 'utf8'))
}

function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}
