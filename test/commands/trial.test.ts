import {expect, test} from 'vitest'
import type {AgentHandlers} from '../../src/control/routes.ts'
import {temporaryServer} from '../control/temporary.ts'
import {fakeAgent, fakeStatus, SEEN_AT} from '../fake-agent.ts'
import {runHactl} from './run-hactl.ts'

const seen = <Value>(value: Value) => ({observedAt: SEEN_AT, value})
const TRIAL = {id: 'a1b2c3', since: SEEN_AT, until: SEEN_AT}

/** Runs a command against an agent that has a configuration on trial; `asked` is what it was told to end. */
async function run(argv: readonly string[], {hasTrial}: {readonly hasTrial: boolean}) {
  const asked: string[] = []
  const {configuration} = fakeStatus()
  const handlers: Partial<AgentHandlers> = {
    status: () => seen(fakeStatus({configuration: {...configuration, trial: hasTrial ? TRIAL : null}})),
    confirmConfig: ({id = ''}) => {
      asked.push(`confirm ${id}`)
      return seen(TRIAL)
    },
    rollbackConfig: ({id = ''}) => {
      asked.push(`rollback ${id}`)
      return seen({id, changes: ['VI_1: priority 110 -> 100'], keptAs: '/etc/hactl/hactl.conf.edited-a1b2c3'})
    },
  }
  const {socketPath} = await temporaryServer({agent: fakeAgent(handlers)})
  return {...(await runHactl(argv, {HACTL_SOCKET: socketPath})), asked}
}

test.each([
  [['config', 'confirm'], 'confirm a1b2c3', 'the configuration stays\n', ''],
  [['config', 'confirm', 'other'], 'confirm other', 'the configuration stays\n', ''],
  [
    ['config', 'rollback'],
    'rollback a1b2c3',
    'VI_1: priority 110 -> 100\n',
    'the edited file is kept as /etc/hactl/hactl.conf.edited-a1b2c3\n',
  ],
])('%j ends the trial that it is about', async (argv, order, stdout, stderr) => {
  expect(await run(argv, {hasTrial: true})).toEqual({code: 0, stdout, stderr, asked: [order]})
})

test.each(['confirm', 'rollback'])('config %s without a trial: exit 5, and nothing is asked', async verb => {
  const {code, stderr, asked} = await run(['config', verb], {hasTrial: false})
  expect({code, asked}).toEqual({code: 5, asked: []})
  expect(stderr).toContain('no configuration is on trial')
})
