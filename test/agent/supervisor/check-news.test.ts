import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, it} from 'vitest'
import {Notifier} from '../../../src/agent/supervisor/notifier.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import type {CheckNews} from '../../../src/core/check/news.ts'
import type {JournalEntry} from '../../../src/core/journal/record.ts'
import {SmtpServer} from './smtp-server.ts'

const REALS = 5_000

let directory: string
let entries: JournalEntry[]
let notifier: Notifier
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-check-news-'))
  entries = []
  notifier = new Notifier(entry => entries.push(entry))
  writeFileSync(at('say'), `#!/bin/sh\necho "$#" "$@" >> ${at('said')}\n`, {mode: 0o755})
  writeFileSync(at('read'), `#!/bin/sh\necho ready > ${at('ready')}\nexec cat "$1" > ${at('lines')}\n`, {mode: 0o755})
})
afterEach(async () => {
  await notifier.drain(0)
  rmSync(directory, {recursive: true})
})

const at = (name: string): string => join(directory, name)
const linesOf = (name: string): string[] =>
  existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim().split('\n') : []

function configure(global: string, reals: readonly string[]): void {
  const text = `global_defs {\nrouter_id LB1\nscript_user ${userInfo().username}\n${global}\n}
    virtual_server fwmark 5 {\nlvs_sched rr\nlvs_method NAT\nquorum_down "${at('say')} quorum"\n${reals.join('\n')}\n}`
  const parsed = parseConfig({file: 'test.conf', text})
  expect(parsed.diagnostics.filter(({severity}) => severity === 'error')).toEqual([])
  notifier.configure(parsed.config, {reloaded: false})
}

const address = (n: number): string => `10.${n >> 8}.${n & 255}.1`
const down = (n: number): CheckNews => ({
  type: 'real-server',
  virtualServer: 'fwmark 5',
  realServer: `${address(n)}:0`,
  up: false,
  reason: `MISC_CHECK of ${address(n)}: exit status 1`,
})

it('scripts, mail and the journal hear of a real server that fails, scripts with their own words alone', async () => {
  const server = new SmtpServer()
  const port = await server.listen()
  const check = `MISC_CHECK {\nmisc_path "${at('say')}"\n}`
  configure(`smtp_server 127.0.0.1 ${port}\nnotification_email {\na@example.org\n}`, [
    `real_server ${address(1)} {\nnotify_down "${at('say')} down 'two words'"\n${check}\n}`,
  ])
  notifier.checkNews([
    down(1),
    {type: 'quorum', virtualServer: 'fwmark 5', up: true, weight: 1, quorum: 1},
    {type: 'quorum', virtualServer: 'fwmark 5', up: false, weight: 0, quorum: 1},
  ])
  await notifier.drain(10_000)
  await server.close()
  expect(linesOf('said').sort()).toEqual(['1 quorum', '2 down two words'])
  const [mail, ...others] = server.received
  expect(others).toEqual([])
  expect(mail?.message).toContain('Subject: [LB1] Realserver [10.0.1.1]:none:0 of virtual server FWM 5 - DOWN')
  expect(mail?.message).toContain('=> MISC CHECK failed on service <=')
  expect(mail?.message).toContain('MISC_CHECK of 10.0.1.1: exit status 1')
  expect(entries.map(({text}) => text)).toEqual(
    expect.arrayContaining([
      `real_server 10.0.1.1:0 of fwmark 5: notify_down ${at('say')}: exit status 0`,
      `virtual_server fwmark 5: quorum_down ${at('say')}: exit status 0`,
      expect.stringContaining('mail sent to 1 recipient'),
    ]),
  )
})

it('thousands of real servers that fail at once are all in the pipe for virtual servers, in order, and in no other', async () => {
  configure(
    `lvs_notify_fifo ${at('lvs')}\nlvs_notify_fifo_script "${at('read')}"\nvrrp_notify_fifo ${at('vrrp')}`,
    Array.from({length: REALS}, (_, n) => `real_server ${address(n)} {\nsmtp_alert off\n}`),
  )
  await expect.poll(() => existsSync(at('ready'))).toBe(true)
  notifier.checkNews(Array.from({length: REALS}, (_, n) => down(n)))
  await expect.poll(() => linesOf('lines').length).toBe(REALS)
  expect(linesOf('lines')).toEqual(Array.from({length: REALS}, (_, n) => `RS [${address(n)}]:none:0 FWM 5 DOWN`))
  expect(entries.filter(({kind}) => kind === 'notify-failed')).toEqual([])
})
