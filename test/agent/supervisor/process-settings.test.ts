import {expect, test} from 'vitest'
import {childWaitMs, processSettings, supervisorName} from '../../../src/agent/supervisor/process-settings.ts'
import {loadText} from '../../../src/config/load.ts'

const configOf = (text: string) => loadText('x', text).config
const globalsOf = (text: string) => configOf(`global_defs {\n${text}\n}`)

test('without a word the vrrp process runs before others, and the check process among them', () => {
  const common = {nice: 0, greatestAutoPriority: 0, autoPriorityDelayMs: 1_000, processors: [], keepInMemory: false}
  expect(processSettings(configOf(''), 'vrrp')).toEqual({
    ...common,
    name: 'hactl_vrrp',
    realTime: {priority: 1, asked: false},
    realTimeLimitUs: 5_000_000,
  })
  expect(processSettings(configOf(''), 'check')).toEqual({
    ...common,
    name: 'hactl_check',
    realTime: undefined,
    realTimeLimitUs: 5_000_000,
  })
  expect(supervisorName(configOf(''))).toBe('hactl')
})

test('each process gets what is said of it', () => {
  const config = globalsOf(`
    vrrp_rt_priority 7
    vrrp_rlimit_rttime 6000000
    vrrp_cpu_affinity 0 2
    vrrp_no_swap
    vrrp_process_name one
    checker_priority -5
    checker_rlimit_rttime 20
    checker_process_name two
    process_name three
    max_auto_priority 9
    min_auto_priority_delay 2500`)
  expect(processSettings(config, 'vrrp')).toEqual({
    name: 'one',
    nice: 0,
    realTime: {priority: 7, asked: true},
    realTimeLimitUs: 6_000_000,
    greatestAutoPriority: 9,
    autoPriorityDelayMs: 2.5,
    processors: [0, 2],
    keepInMemory: true,
  })
  expect(processSettings(config, 'check')).toMatchObject({
    name: 'two',
    nice: -5,
    realTime: undefined,
    // JavaScript cannot start within 20 microseconds.
    realTimeLimitUs: 5_000_000,
    processors: [],
    keepInMemory: false,
  })
  expect(supervisorName(config)).toBe('three')
})

test('a nice value for the vrrp process takes it out of real-time priority, and -1 is no priority', () => {
  expect(processSettings(globalsOf('vrrp_priority 3'), 'vrrp')).toMatchObject({nice: 3, realTime: undefined})
  expect(processSettings(globalsOf('max_auto_priority -1'), 'vrrp')).toMatchObject({greatestAutoPriority: 0})
})

// keepalived.conf(5), child_wait_time: keepalived leaves the addresses behind with 0.
test.each([
  ['', 5_000],
  ['child_wait_time 30', 30_000],
  ['child_wait_time 0', 1_500],
])('%j gives the children %i ms', (text, ms) => {
  expect(childWaitMs(configOf(text))).toBe(ms)
})
