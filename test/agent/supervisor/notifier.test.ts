import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {Notifier} from '../../../src/agent/supervisor/notifier.ts'
import {runShutdownScript, runStartupScript} from '../../../src/agent/supervisor/startup-scripts.ts'
import type {Config} from '../../../src/config/config.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'
import type {NotifiedState} from '../../../src/core/notify/notification.ts'
import {SmtpServer} from './smtp-server.ts'

let directory: string
let entries: JournalEntry[]
let notifier: Notifier
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-notifier-'))
  entries = []
  notifier = new Notifier(entry => entries.push(entry))
  script('say', `echo "$@" >> ${at('said')}`)
})
afterEach(async () => {
  await notifier.drain(0)
  rmSync(directory, {recursive: true})
})

const at = (name: string): string => join(directory, name)
const said = (): string[] => (existsSync(at('said')) ? readFileSync(at('said'), 'utf8').trim().split('\n') : [])
/** Whether the script of the pipe has opened it: one that is still starting would not find it at the end. */
const readsPipe = (): boolean => existsSync(at('lines')) && readFileSync(at('lines'), 'utf8') !== ''
const texts = (): string[] => entries.map(({text}) => text)

function script(name: string, body: string): void {
  writeFileSync(at(name), `#!/bin/sh\n${body}\n`, {mode: 0o755})
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1_500 && !condition(); i++) await new Promise(resolve => setTimeout(resolve, 10))
  expect(condition(), what).toBe(true)
}

interface Blocks {
  readonly global?: string
  readonly more?: string
  /** Lines of instances by their names. */
  readonly instances: {readonly [name: string]: string}
}

/** Scripts run as whoever runs the tests; `SAY` is a script that puts its words into a file. */
function config({global = '', more = '', instances}: Blocks): Config {
  const blocks = Object.entries(instances).map(
    ([name, lines], n) => `vrrp_instance ${name} {
      interface eth0
      virtual_router_id ${n + 1}
      virtual_ipaddress {\n10.0.${n}.1\n}
      ${lines}\n}`,
  )
  const text = `global_defs {\nrouter_id lb1\nscript_user ${userInfo().username}\n${global}\n}\n${more}\n${blocks.join('\n')}`
  const parsed = parseConfig({file: 'test.conf', text: text.replaceAll('SAY', at('say'))})
  expect(parsed.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  return parsed.config
}

const state = (name: string, to: NotifiedState, priority = 100): void =>
  notifier.notify({type: 'state', name, state: to, priority})

/** Runs everything to its end; what is said and done then is all there is. */
const finish = (): Promise<void> => notifier.drain(10_000)

const EVERY = `
  notify "SAY any"
  notify_master "SAY master 'two words'"
  notify_backup "SAY backup"
  notify_fault "SAY fault"
  notify_stop "SAY stop"
  notify_master_rx_lower_pri "SAY lower"`
const GROUP = 'vrrp_sync_group G1 {\ngroup {\nA\nB\n}\nnotify "SAY group"\nnotify_fault "SAY group-fault"\n}'

describe('scripts', () => {
  // Measured on keepalived 2.2.7, as is what the words are.
  it('run in order for one instance, the specific one before the generic one, with its words', async () => {
    script('say', `sleep 0.02\necho "$@" >> ${at('said')}`)
    notifier.configure(config({instances: {A: EVERY}}), {reloaded: false})
    state('A', 'BACKUP')
    state('A', 'MASTER')
    state('A', 'FAULT', 90)
    state('A', 'STOP', 90)
    await finish()
    expect(said()).toEqual([
      'backup',
      'any INSTANCE A BACKUP 100',
      'master two words',
      'any INSTANCE A MASTER 100',
      'fault',
      'any INSTANCE A FAULT 90',
      'stop',
      'any INSTANCE A STOP 90',
    ])
    expect(
      entries.every(({kind, instance, facts}) => kind === 'notify-ran' && instance === 'A' && facts.ok === true),
    ).toBe(true)
  })

  it('run once for a state that is told twice', async () => {
    notifier.configure(config({instances: {A: 'notify "SAY any"'}}), {reloaded: false})
    for (const to of ['BACKUP', 'BACKUP', 'MASTER', 'MASTER', 'BACKUP'] as const) state('A', to)
    await finish()
    expect(said()).toEqual(['any INSTANCE A BACKUP 100', 'any INSTANCE A MASTER 100', 'any INSTANCE A BACKUP 100'])
  })

  it('run for a lower priority without further words, and one that waits is enough', async () => {
    script('say', `touch ${at('up')}\nsleep 0.1\necho "$@" >> ${at('said')}`)
    notifier.configure(config({instances: {A: EVERY}}), {reloaded: false})
    notifier.notify({type: 'lower-priority-heard', name: 'A', priority: 100})
    await until('the first one runs', () => existsSync(at('up')))
    for (let n = 0; n < 1_000; n++) notifier.notify({type: 'lower-priority-heard', name: 'A', priority: 100})
    await finish()
    expect(said()).toEqual(['lower', 'lower'])
  })

  it('do not run when the priority alone changes', async () => {
    const lines = `${EVERY}\nnotify_priority_changes on`
    notifier.configure(config({instances: {A: lines}}), {reloaded: false})
    notifier.notify({type: 'priority', name: 'A', state: 'MASTER', priority: 90})
    state('A', 'MASTER')
    await finish()
    expect(said()).toEqual(['master two words', 'any INSTANCE A MASTER 100'])
  })

  it('of many instances run beside each other, but not all at once', async () => {
    script(
      'say',
      `mkdir ${at('now')}.$$; ls -d ${at('now')}.* | wc -l >> ${at('said')}; sleep 0.3; rmdir ${at('now')}.$$`,
    )
    const names = Array.from({length: 100}, (_, n) => `I${n}`)
    const instances = Object.fromEntries(names.map(name => [name, 'notify SAY']))
    notifier.configure(config({instances}), {reloaded: false})
    for (const name of names) state(name, 'MASTER')
    await until('all ran', () => said().length === 100)
    const most = Math.max(...said().map(Number))
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(32)
    await finish()
  })

  it('that wait too long go, the oldest first, and the record of the one before counts them', async () => {
    script('say', `touch ${at('up')}\nwhile [ ! -e ${at('go')} ]; do sleep 0.01; done\necho "$@" >> ${at('said')}`)
    notifier.configure(config({instances: {A: 'notify SAY'}}), {reloaded: false})
    state('A', 'FAULT', 0)
    await until('it runs', () => existsSync(at('up')))
    for (let n = 1; n <= 100; n++) state('A', n % 2 === 0 ? 'BACKUP' : 'MASTER', n)
    writeFileSync(at('go'), '')
    await finish()
    expect(said()[0]).toBe('INSTANCE A FAULT 0')
    expect(
      said()
        .slice(1)
        .map(line => Number(line.split(' ')[3])),
    ).toEqual(Array.from({length: 64}, (_, n) => n + 37))
    expect(entries[0]?.facts.dropped).toBe(36)
  })

  it('of the end run although earlier ones hang', async () => {
    script('say', `[ "$3" = STOP ] || sleep 60\necho "$@" >> ${at('said')}`)
    notifier.configure(config({instances: {A: 'notify SAY'}}), {reloaded: false})
    for (const to of ['BACKUP', 'MASTER', 'STOP'] as const) state('A', to)
    await notifier.drain(2_000)
    expect(said()).toEqual(['INSTANCE A STOP 100'])
    expect(texts()[0]).toBe(`notify ${at('say')}: killed by SIGTERM`)
  })

  it('are ended when the agent cannot wait longer', async () => {
    notifier.configure(config({instances: {A: 'notify "/bin/sh -c \'sleep 60\'"'}}), {reloaded: false})
    state('A', 'BACKUP')
    state('A', 'STOP')
    await notifier.drain(100)
    await until('both were killed', () => entries.length === 2)
    expect(texts()).toEqual(['notify /bin/sh: killed by SIGTERM', 'notify /bin/sh: killed by SIGTERM'])
  })
})

describe('a sync group', () => {
  it('is told of once all its members are there, with priority 0', async () => {
    const instances = {A: 'notify "SAY a"', B: 'notify "SAY b"', C: ''}
    const global = `vrrp_notify_fifo ${at('fifo')}\nvrrp_notify_fifo_script "/bin/sh -c 'cat \\"$1\\" > ${at('lines')}' x"`
    notifier.configure(config({global, more: GROUP, instances}), {reloaded: false})
    state('A', 'BACKUP')
    await until('the pipe is read', readsPipe)
    state('C', 'MASTER', 102)
    state('B', 'BACKUP', 101)
    state('A', 'FAULT')
    state('B', 'FAULT', 101)
    state('B', 'STOP', 101)
    state('A', 'STOP')
    await finish()
    expect(readFileSync(at('lines'), 'utf8').trim().split('\n')).toEqual([
      'INSTANCE "A" BACKUP 100',
      'INSTANCE "C" MASTER 102',
      'INSTANCE "B" BACKUP 101',
      'GROUP "G1" BACKUP 0',
      'INSTANCE "A" FAULT 100',
      'INSTANCE "B" FAULT 101',
      'GROUP "G1" FAULT 0',
      'INSTANCE "B" STOP 101',
      'INSTANCE "A" STOP 100',
      'GROUP "G1" STOP 0',
    ])
    expect(said().filter(line => line.startsWith('group'))).toEqual([
      'group GROUP G1 BACKUP 0',
      'group-fault',
      'group GROUP G1 FAULT 0',
      'group GROUP G1 STOP 0',
    ])
    expect(texts()).toContain(`GROUP G1: notify_fault ${at('say')}: exit status 0`)
  })
})

describe('an instance that a reload took away', () => {
  // Measured on keepalived 2.2.7: FAULT for the generic script alone, or DELETED for it and for notify_deleted.
  it.each([
    ['', ['any INSTANCE A FAULT 96']],
    ['notify_deleted', ['any INSTANCE A DELETED 96']],
    ['notify_deleted "SAY deleted"', ['deleted', 'any INSTANCE A DELETED 96']],
  ])('with %j ends once, and not in STOP', async (lines, expected) => {
    notifier.configure(config({more: GROUP, instances: {A: `${EVERY}\n${lines}`, B: ''}}), {reloaded: false})
    state('A', 'MASTER', 96)
    state('B', 'MASTER', 96)
    await until('the start is over', () => said().length === 3)
    rmSync(at('said'))
    notifier.configure(config({instances: {B: ''}}), {reloaded: true})
    state('A', 'STOP', 96)
    state('A', 'STOP', 96)
    await finish()
    expect(said()).toEqual(expected)
  })

  it('and that the next one brought back is told of anew', async () => {
    const both = config({instances: {A: EVERY, B: ''}})
    notifier.configure(both, {reloaded: false})
    state('A', 'BACKUP')
    notifier.configure(config({instances: {B: ''}}), {reloaded: true})
    state('A', 'STOP')
    notifier.configure(both, {reloaded: true})
    state('A', 'BACKUP')
    await finish()
    expect(said().filter(line => line.startsWith('any'))).toEqual([
      'any INSTANCE A BACKUP 100',
      'any INSTANCE A FAULT 100',
      'any INSTANCE A BACKUP 100',
    ])
  })
})

describe('pipes', () => {
  const READER = (): string =>
    `notify_fifo ${at('fifo')}\nnotify_fifo_script "/bin/sh -c 'cat \\"$1\\" > ${at('lines')}' x"`
  const lines = (): string[] => readFileSync(at('lines'), 'utf8').trim().split('\n')

  // Measured on keepalived 2.2.7: any other state than master is called BACKUP there.
  it('are told of priorities where the configuration asks for it, and always of lower ones heard', async () => {
    const instances = {A: 'notify_priority_changes on', B: ''}
    notifier.configure(config({global: READER(), instances}), {reloaded: false})
    for (const name of ['A', 'B']) {
      notifier.notify({type: 'priority', name, state: 'MASTER', priority: 105})
      notifier.notify({type: 'priority', name, state: 'FAULT', priority: 90})
      notifier.notify({type: 'lower-priority-heard', name, priority: 90})
    }
    await until('the pipe is read', readsPipe)
    await finish()
    expect(lines()).toEqual([
      'INSTANCE "A" MASTER_PRIORITY 105',
      'INSTANCE "A" BACKUP_PRIORITY 90',
      'INSTANCE "A" MASTER_RX_LOWER_PRI 90',
      'INSTANCE "B" MASTER_RX_LOWER_PRI 90',
    ])
  })

  it('get all states again after a reload with fifo_write_vrrp_states_on_reload, and none without', async () => {
    const instances = {A: '', B: '', C: '', D: ''}
    const plain = config({global: READER(), more: GROUP, instances})
    notifier.configure(plain, {reloaded: false})
    for (const name of ['A', 'B', 'C']) state(name, 'MASTER')
    notifier.notify({type: 'priority', name: 'C', state: 'MASTER', priority: 90})
    await until('the pipe is read', readsPipe)
    notifier.configure(plain, {reloaded: true})
    const global = `${READER()}\nfifo_write_vrrp_states_on_reload`
    notifier.configure(config({global, more: GROUP, instances}), {reloaded: true})
    await finish()
    expect(lines()).toEqual([
      'INSTANCE "A" MASTER 100',
      'INSTANCE "B" MASTER 100',
      'GROUP "G1" MASTER 0',
      'INSTANCE "C" MASTER 100',
      'GROUP "G1" MASTER 0',
      'INSTANCE "A" MASTER 100',
      'INSTANCE "B" MASTER 100',
      'INSTANCE "C" MASTER 90',
    ])
  })
})

describe('mail', () => {
  const subjects = (server: SmtpServer): (string | undefined)[] =>
    server.received.map(({message}) => /^Subject: (.*)$/m.exec(message)?.[1])

  it.each([
    ['', ['Group G1 - Entering FAULT state', 'Instance C - Entering FAULT state', 'Instance C - Stopping']],
    ['no_email_faults', ['Instance C - Stopping']],
  ])('goes for whom smtp_alert is on, with %j', async (flag, expected) => {
    const server = new SmtpServer()
    const port = await server.listen()
    const global = `smtp_server 127.0.0.1 ${port}\nnotification_email {\na@example.org\n}\n${flag}`
    const more = GROUP.replace('notify "', 'smtp_alert on\nnotify "')
    notifier.configure(config({global, more, instances: {A: '', B: '', C: 'smtp_alert on'}}), {reloaded: false})
    for (const name of ['A', 'B', 'C']) state(name, 'FAULT')
    state('C', 'STOP')
    await finish()
    await server.close()
    expect(subjects(server)).toEqual(expected.map(what => `[lb1] VRRP ${what}`))
    expect(entries.filter(({kind}) => kind === 'mail-sent')).toHaveLength(expected.length)
  })

  it('does not go without a server', async () => {
    notifier.configure(config({instances: {A: 'smtp_alert on\nnotify "SAY any"'}}), {reloaded: false})
    state('A', 'MASTER')
    await finish()
    expect(entries.map(({kind}) => kind)).toEqual(['notify-ran'])
  })
})

describe('startup_script and shutdown_script', () => {
  const run = {startup_script: runStartupScript, shutdown_script: runShutdownScript}
  const journal = (entry: JournalEntry): void => void entries.push(entry)

  // Measured on keepalived 2.2.7: a script that fails or times out is logged, and the start goes on.
  it.each(['startup_script', 'shutdown_script'] as const)('%s runs to its end, whatever that is', async name => {
    script('fails', 'exit 3')
    script('hangs', 'sleep 60')
    for (const [command, seconds] of [
      ['say', 5],
      ['fails', 5],
      ['hangs', 1],
    ] as const) {
      const global = `${name} "${at(command)} a"\n${name}_timeout ${seconds}`
      await run[name](config({global, instances: {}}).global, {journal})
    }
    await run[name](config({instances: {}}).global, {journal})
    expect(said()).toEqual(['a'])
    expect(texts()).toEqual([
      `${name} ${at('say')}: exit status 0`,
      `${name} ${at('fails')}: exit status 3`,
      `${name} ${at('hangs')}: timed out after 1 s`,
    ])
  })

  it('end when the agent is told to', async () => {
    script('hangs', `touch ${at('up')}; sleep 60`)
    const stop = new AbortController()
    const {global} = config({global: `startup_script "${at('hangs')}"\nstartup_script_timeout 60`, instances: {}})
    const ended = runStartupScript(global, {journal, signal: stop.signal})
    await until('it runs', () => existsSync(at('up')))
    stop.abort()
    await ended
    expect(texts()).toEqual([`startup_script ${at('hangs')}: killed by SIGTERM`])
  })
})
