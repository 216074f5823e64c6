import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {describeChange, Trackers} from '../../../src/agent/supervisor/trackers.ts'
import type {Config} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'

let directory: string
let changes: string[]
let trackers: Trackers
let awaited: (() => void) | undefined
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-trackers-'))
  changes = []
  trackers = new Trackers({
    onChange: (standing, before) => {
      changes.push(describeChange(standing, before))
      awaited?.()
    },
    onTrouble: () => {},
  })
})
afterEach(() => {
  trackers.stop()
  rmSync(directory, {recursive: true})
})

function config(own: string, ofGroup = '', more = ''): Config {
  const text = `
    global_defs { script_user ${userInfo().username} }
    vrrp_script chk { script "/usr/bin/test -e ${directory}/flag"
      interval 0.05
    }
    vrrp_script unused { script "/usr/bin/touch ${directory}/ran"
      interval 0.05
    }
    track_file number { file ${directory}/number
    }
    track_file initial { file ${directory}/initial
      init_file 3
    }
    vrrp_track_process node { process node
      full_command
    }
    vrrp_instance VI_1 {
      interface eth0
      virtual_router_id 7
      virtual_ipaddress { 10.0.0.1 }
      ${own}
    }
    ${ofGroup === '' ? '' : `vrrp_sync_group G { group { VI_1 }\n${ofGroup}\n}`}
    ${more}`
  return parseConfig({file: 'test.conf', text}).config
}

const watched = (): readonly string[] => trackers.standings.map(({kind, name}) => `${kind} ${name}`)

const heard = (count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${changes.join(', ')} and no more`)), 10_000)
    awaited = () => {
      if (changes.length < count) return
      clearTimeout(timer)
      awaited = undefined
      resolve()
    }
    awaited()
  })

describe('trackers', () => {
  it('watch what a virtual router or its group tracks, and nothing else', async () => {
    trackers.configure(config('track_script { chk }', 'track_file { number }\ntrack_process { node }'))
    expect(watched()).toEqual(['script chk', 'file number', 'process node'])
    await heard(1)
    expect(() => readFileSync(join(directory, 'ran'))).toThrow('ENOENT')
    expect(readFileSync(join(directory, 'initial'), 'utf8')).toBe('3\n')
    trackers.configure(config('track_file { number }'))
    expect(watched()).toEqual(['file number'])
    trackers.configure(config(''))
    expect(watched()).toEqual([])
  })

  it('watch the files that checkers follow', async () => {
    const checked = `
      virtual_server 192.0.2.1 80 { lvs_sched rr
        real_server 10.0.0.1 80 {
          FILE_CHECK { track_file number
          }
        }
      }`
    trackers.configure(config('', '', checked))
    expect(watched()).toEqual(['file number'])
    writeFileSync(join(directory, 'number'), '3\n')
    await heard(1)
    expect(changes).toEqual(['file number: it holds 3; it counts as 3, before as 0'])
    trackers.configure(config(''))
    expect(watched()).toEqual([])
  })

  it('tell of changes in sentences', async () => {
    trackers.configure(config('track_script { chk }\ntrack_file { number }'))
    await heard(1)
    writeFileSync(join(directory, 'flag'), '')
    await heard(2)
    writeFileSync(join(directory, 'number'), '-40\n')
    await heard(3)
    expect(changes).toEqual([
      'script chk is bad: exit status 1',
      'script chk is good again: exit status 0',
      'file number: it holds -40; it counts as -40, before as 0',
    ])
  })

  it.each<[Partial<TrackerStanding>, TrackerStanding['verdict'], string]>([
    [
      {verdict: 'bad', detail: 'no processes run, at least 1 has to'},
      'unknown',
      'process p is bad: no processes run, at least 1 has to',
    ],
    [{verdict: 'good', detail: undefined}, 'bad', 'process p is good again'],
  ])('say of %j after %s: %s', (standing, before, text) => {
    const base: TrackerStanding = {kind: 'process', name: 'p', verdict: 'unknown', detail: undefined}
    expect(describeChange({...base, ...standing}, {...base, verdict: before})).toBe(text)
  })
})
