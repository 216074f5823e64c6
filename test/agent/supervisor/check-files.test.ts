import {describe, expect, it} from 'vitest'
import type {TrackerStanding} from '../../../src/agent/channel.ts'
import {checkedFiles, fileValues} from '../../../src/agent/supervisor/check-files.ts'
import {parseConfig} from '../../../src/config/parse.ts'

const TEXT = `
  track_file load { file /run/load
  }
  track_file other { file /run/other
  }
  track_file unused { file /run/unused
  }
  virtual_server 192.0.2.1 80 {
    protocol TCP
    lvs_sched rr
    lvs_method NAT
    real_server 10.0.0.1 80 {
      FILE_CHECK {
        track_file load
      }
      TCP_CHECK {
      }
    }
    real_server 10.0.0.2 80 {
      FILE_CHECK {
        track_file load
      }
      FILE_CHECK {
        track_file other
        weight 2
      }
    }
  }`

const standing = (kind: TrackerStanding['kind'], name: string, value: number): TrackerStanding => ({
  kind,
  name,
  verdict: 'good',
  value,
  detail: undefined,
})

describe('tracked files that checkers follow', () => {
  it('are those of every FILE_CHECK', () => {
    const {config} = parseConfig({file: 'test.conf', text: TEXT})
    expect([...checkedFiles(config)].sort()).toEqual(['load', 'other'])
  })

  it('are told with what they hold, and nothing else is', () => {
    const standings = [
      standing('file', 'load', -5),
      standing('file', 'unused', 1),
      standing('script', 'other', 1),
      // keepalived.conf(5): what cannot be read counts as 0.
      {...standing('file', '__proto__', 0), verdict: 'bad' as const},
    ]
    const values = fileValues(standings, new Set(['load', 'other', '__proto__']))
    expect(Object.entries(values)).toEqual([
      ['load', -5],
      ['__proto__', 0],
    ])
  })
})
