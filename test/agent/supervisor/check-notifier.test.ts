import {beforeEach, describe, expect, it} from 'vitest'
import {CheckNotifier} from '../../../src/agent/supervisor/check-notifier.ts'
import type {Config} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {CheckNews} from '../../../src/core/check/news.ts'

let told: string[]
let notifier: CheckNotifier
beforeEach(() => {
  told = []
  notifier = new CheckNotifier({
    write: line => told.push(line.trimEnd()),
    run: ({subject, what, command, words, last}) =>
      told.push(`${subject}: ${what} ${[...command.argv, ...words].join(' ')}${last ? ' (last)' : ''}`),
    mail: ({subject}) => told.push(`mail ${subject}`),
    routerId: () => 'LB1',
  })
})

const since = (): string[] => told.splice(0)

interface Blocks {
  readonly global?: string
  readonly virtual?: string
  /** Lines of real servers by their last number. */
  readonly reals?: {readonly [n: number]: string}
  readonly more?: string
}

const SCRIPTS = 'notify_up "/x/up"\nnotify_down "/x/down"\nsmtp_alert off\n'
const CHECK = 'TCP_CHECK {\nconnect_timeout 1\n}\n'
const WEB = '192.0.2.1 80'

function config({global = '', virtual = '', reals = {1: '', 2: ''}, more = ''}: Blocks = {}): Config {
  const servers = Object.entries(reals).map(
    ([n, lines]) => `real_server 10.0.0.${n} 80 {\n${lines}\n${SCRIPTS}${CHECK}}`,
  )
  const text = `global_defs {\nscript_user root\n${global}\n}
    virtual_server ${WEB} {\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\n
    quorum_up "/x/quorum-up"\nquorum_down "/x/quorum-down"\n${virtual}\n${servers.join('\n')}\n}\n${more}`
  const parsed = parseConfig({file: 'test.conf', text})
  expect(parsed.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  return parsed.config
}

const realServer = (n: number, up: boolean, virtualServer = WEB): CheckNews => ({
  type: 'real-server',
  virtualServer,
  realServer: `10.0.0.${n}:80`,
  up,
  reason: 'TCP_CHECK of 10.0.0.1:80: refused',
})
const quorum = (up: boolean, weight = up ? 2 : 0): CheckNews => ({
  type: 'quorum',
  virtualServer: WEB,
  up,
  weight,
  quorum: 1,
})
const stopped = (n?: number, virtualServer = WEB): CheckNews => ({
  type: 'stopped',
  virtualServer,
  realServer: n === undefined ? undefined : `10.0.0.${n}:80`,
})
const tell = (...news: readonly CheckNews[]): string[] => {
  for (const one of news) notifier.notify(one)
  return since()
}

const RS = (n: number): string => `RS [10.0.0.${n}]:tcp:80 [192.0.2.1]:tcp:80`
const VS = 'VS [192.0.2.1]:tcp:80'
const ON_DOWN = (n: number): string => `real_server 10.0.0.${n}:80 of ${WEB}: notify_down /x/down`
const ON_UP = (n: number): string => `real_server 10.0.0.${n}:80 of ${WEB}: notify_up /x/up`
const QUORUM_UP = `virtual_server ${WEB}: quorum_up /x/quorum-up`
const QUORUM_DOWN = `virtual_server ${WEB}: quorum_down /x/quorum-down`

describe('pipes, scripts and mail', () => {
  it('are told of real servers and quorums in the order in which they change', () => {
    notifier.configure(config({virtual: 'smtp_alert'}))
    expect(tell(quorum(true))).toEqual([`${VS} UP`, QUORUM_UP, 'mail [LB1] Virtualserver [192.0.2.1]:tcp:80 - UP'])
    expect(tell(realServer(1, false), realServer(2, false), quorum(false))).toEqual([
      `${RS(1)} DOWN`,
      ON_DOWN(1),
      `${RS(2)} DOWN`,
      ON_DOWN(2),
      `${VS} DOWN`,
      QUORUM_DOWN,
      'mail [LB1] Virtualserver [192.0.2.1]:tcp:80 - DOWN',
    ])
    expect(tell(realServer(2, true))).toEqual([`${RS(2)} UP`, ON_UP(2)])
  })

  // keepalived.conf(5): real_server smtp_alert is on unless smtp_alert_checker or smtp_alert of global_defs says otherwise.
  it.each([
    ['', '', true],
    ['smtp_alert_checker off', '', false],
    ['smtp_alert_checker off', 'smtp_alert on', true],
    ['', 'smtp_alert off', false],
  ])('mail of a real server follows %j and %j', (global, lines, mails) => {
    const {config: own} = parseConfig({
      file: 'test.conf',
      text: `global_defs {\n${global}\n}\nvirtual_server ${WEB} {\nprotocol TCP\nreal_server 10.0.0.1 80 {\n${lines}\n}\n}`,
    })
    notifier.configure(own)
    const mail = 'mail [LB1] Realserver [10.0.0.1]:tcp:80 of virtual server [192.0.2.1]:tcp:80 - DOWN'
    expect(tell(realServer(1, false))).toEqual([`${RS(1)} DOWN`, ...(mails ? [mail] : [])])
  })
})

describe('what was told already', () => {
  it('is not told again by a check process that was restarted, and what changed meanwhile is', () => {
    notifier.configure(config())
    tell(quorum(true), realServer(1, false))
    // It has just been started: everything is up until its first check, and it tells so.
    expect(tell(realServer(1, true), realServer(2, true), quorum(true))).toEqual([`${RS(1)} UP`, ON_UP(1)])
    expect(tell(realServer(1, false), realServer(1, false))).toEqual([`${RS(1)} DOWN`, ON_DOWN(1)])
  })

  it('stands over a reload', () => {
    notifier.configure(config())
    tell(quorum(true), realServer(1, false))
    notifier.configure(config({virtual: 'delay_loop 7'}))
    expect(tell(quorum(true), realServer(1, false), realServer(2, true))).toEqual([])
    expect(tell(realServer(1, true))).toEqual([`${RS(1)} UP`, ON_UP(1)])
  })

  it('is nothing at first with rs_init_notifies, and of alpha', () => {
    notifier.configure(config({global: 'rs_init_notifies'}))
    expect(tell(realServer(1, true), realServer(2, true))).toEqual([`${RS(1)} UP`, ON_UP(1), `${RS(2)} UP`, ON_UP(2)])
    notifier.configure(config({virtual: 'alpha', reals: {3: ''}}))
    expect(tell(realServer(3, false), realServer(3, true))).toEqual([
      `${RS(3)} DOWN`,
      ON_DOWN(3),
      `${RS(3)} UP`,
      ON_UP(3),
    ])
  })
})

describe('the end', () => {
  it.each([
    ['', []],
    ['omega', [`${RS(1)} DOWN`, `${ON_DOWN(1)} (last)`, `${VS} DOWN`, `${QUORUM_DOWN} (last)`]],
  ])('of the agent is told with omega alone, of what is up, without mail: %j', (omega, expected) => {
    notifier.configure(config({virtual: `smtp_alert\n${omega}`}))
    tell(quorum(true), realServer(2, false))
    expect(tell(stopped(1), stopped(2), stopped())).toEqual(expected)
  })

  it('of what a reload takes away is told in any case, with its old scripts, once', () => {
    notifier.configure(
      config({more: `virtual_server fwmark 5 {\nlvs_sched rr\nlvs_method DR\nreal_server 10.0.0.9 {\n${CHECK}}\n}`}),
    )
    tell(quorum(true), {...quorum(true), virtualServer: 'fwmark 5'})
    notifier.configure(config({reals: {1: ''}}))
    expect(tell(stopped(2), stopped(2))).toEqual([`${RS(2)} DOWN`, `${ON_DOWN(2)} (last)`])
    const news: CheckNews[] = [
      {type: 'stopped', virtualServer: 'fwmark 5', realServer: '10.0.0.9:0'},
      stopped(undefined, 'fwmark 5'),
    ]
    expect(tell(...news)).toEqual([
      'RS [10.0.0.9]:none:0 FWM 5 DOWN',
      'mail [LB1] Realserver [10.0.0.9]:none:0 of virtual server FWM 5 - DOWN',
      'VS FWM 5 DOWN',
    ])
    expect(tell(...news)).toEqual([])
  })

  it('of what comes back later begins a new life', () => {
    notifier.configure(config())
    tell(quorum(true), realServer(2, false))
    notifier.configure(config({reals: {1: ''}}))
    expect(tell(stopped(2))).toEqual([])
    notifier.configure(config())
    expect(tell(realServer(2, false))).toEqual([`${RS(2)} DOWN`, ON_DOWN(2)])
  })

  it('news of what no configuration has are nobody’s', () => {
    notifier.configure(config())
    expect(tell(realServer(77, false), stopped(77), {...quorum(true), virtualServer: 'group gone'})).toEqual([])
    expect(tell(realServer(1, false))).toHaveLength(2)
  })
})
