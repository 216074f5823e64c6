import {expect, it} from 'vitest'
import {CONFIG_FILE, stopGracefully} from '../lab/daemon.ts'
import type {LabProcess} from '../lab/lab-process.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {linesOf, type Node, readPipe, startNode, text, withSite} from './nodes.ts'

const PIPE = '/run/vrrp.fifo'
const LOG = '/run/told'
const FILE = '/run/tracked'
const MAIL_PORT = 2525

/** Writes its words into one file; what is appended in one write is not torn. */
const SCRIPT = '/run/tell.sh'

const notifies = (subject: string, states: readonly string[]): string =>
  [...states.map(state => `notify_${state} "${SCRIPT} ${subject} ${state}"`), `notify "${SCRIPT} ${subject} any"`].join(
    '\n',
  )

const INSTANCE_LINES = `${notifies('VI_1', ['master', 'backup', 'fault', 'stop'])}
notify_priority_changes
smtp_alert
track_file {
 load weight 1
}
track_interface {
 eth1
}`

const GLOBALS = `vrrp_notify_fifo ${PIPE}
notification_email {
 admin@example.org
}
notification_email_from node@example.org
smtp_server 127.0.0.1 ${MAIL_PORT}
startup_script "${SCRIPT} startup"
shutdown_script "${SCRIPT} shutdown"`

const TRACK_FILE = `track_file load {\n file "${FILE}"\n}`
const GROUP = `vrrp_sync_group VG {\n group {\n VI_1\n VI_2\n }\n sync_group_tracking_weight\n ${notifies('VG', ['master', 'backup', 'fault', 'stop'])}\n}`
const FIRST = {name: 'VI_1', vrid: 1, priority: 150, lines: INSTANCE_LINES}
const SECOND = {name: 'VI_2', vrid: 4, priority: 150}
const GONE = {name: 'VI_GONE', vrid: 2, priority: 150, lines: `notify_deleted\n${notifies('VI_GONE', ['master'])}`}
const LEFT = {name: 'VI_LEFT', vrid: 3, priority: 150, lines: notifies('VI_LEFT', ['fault'])}

const WHOLE = text([FIRST, SECOND, GONE, LEFT], {globals: GLOBALS, more: `${TRACK_FILE}\n${GROUP}`})
const WITHOUT = text([FIRST, SECOND], {globals: GLOBALS, more: `${TRACK_FILE}\n${GROUP}`})

labSuite('what the running agent tells', ['ip', 'keepalived'], () => {
  it('tells scripts, a pipe and mail what keepalived tells them with the same file', async () => {
    const [ours, theirs] = await Promise.all((['hactl', 'keepalived'] as const).map(whatALifeTells))
    if (!ours || !theirs) throw new Error('a life without an outcome')
    expect(ours.mail).toEqual([
      'VRRP Instance VI_1 - Entering BACKUP state',
      'VRRP Instance VI_1 - Entering MASTER state',
      'VRRP Instance VI_1 - Entering FAULT state',
    ])
    expect(ours.pipe.filter(line => line.includes('PRIORITY'))).toEqual([
      'INSTANCE "VI_1" MASTER_PRIORITY 180',
      'INSTANCE "VI_1" MASTER_PRIORITY 150',
    ])
    expect(theirs.pipe.toSorted()).toEqual(ours.pipe.toSorted())
    expect(theirs.scripts.toSorted()).toEqual(ours.scripts.toSorted())
    expect(theirs.mail.filter(isState).toSorted()).toEqual(ours.mail.toSorted())
    // keepalived starts them in this order too, but does not wait for one to end.
    const [own, any] = ['VI_1 master', 'VI_1 any INSTANCE VI_1 MASTER 150']
    expect(ours.scripts.filter(line => line === own || line === any)).toEqual([own, any])
    expect(ours.scripts.at(0)).toBe('startup')
    expect(ours.scripts.at(-1)).toBe('shutdown')
    for (const {scripts} of [ours, theirs]) {
      expect(scripts).toContain('VI_GONE any INSTANCE VI_GONE DELETED 150')
      expect(scripts).toContain('VI_LEFT any INSTANCE VI_LEFT FAULT 150')
    }
  }, 60_000)
})

interface Told {
  readonly pipe: readonly string[]
  readonly scripts: readonly string[]
  /** The subjects, without the name of the node. */
  readonly mail: readonly string[]
}

const isState = (subject: string): boolean => subject.includes('Entering')

async function whatALifeTells(program: 'hactl' | 'keepalived'): Promise<Told> {
  let told: Told = {pipe: [], scripts: [], mail: []}
  await withSite(2, async site => {
    const readers: LabProcess[] = []
    const node = await startNode(site, {
      name: 'one',
      n: 1,
      config: WHOLE,
      program,
      prepare: async it => {
        it.host.writeFile(FILE, '0\n')
        it.host.writeFile(LOG, '')
        it.host.writeFile(SCRIPT, `#!/bin/sh\necho "$*" >>${LOG}\n`, {mode: 0o755})
        readers.push(await readPipe(it, PIPE), await it.host.start([process.execPath, '-e', MAIL_SERVER]))
        await it.host.listening(MAIL_PORT)
      },
    })
    const [pipe, mail] = readers
    if (!pipe || !mail) throw new Error('nobody reads')
    const piped = (line: string): Promise<unknown> =>
      until(
        () => `${program} to write ${line}: ${pipe.stdout}`,
        () => linesOf(pipe).includes(line),
        {timeoutMs: 8_000, everyMs: 20},
      )
    await live(node, piped)
    await stopGracefully(node.agent)
    await until(
      () => `the shutdown script of ${program}: ${node.host.readFile(LOG)}`,
      () => node.host.readFile(LOG).includes('shutdown'),
      {timeoutMs: 5_000},
    )
    const subjects = linesOf(mail).map(line => line.replace('Subject: [lab] ', ''))
    told = {pipe: linesOf(pipe), scripts: node.host.readFile(LOG).trim().split('\n'), mail: subjects.filter(isState)}
  })
  return told
}

/** What happens to either program: master, two changes of priority, a fault, two removals. */
async function live(node: Node, piped: (line: string) => Promise<unknown>): Promise<void> {
  const {host, links, agent} = node
  for (const name of ['VI_GONE', 'VI_LEFT']) await piped(`INSTANCE "${name}" MASTER 150`)
  await piped('GROUP "VG" MASTER 0')
  await host.run(['sh', '-c', `echo 30 >${FILE}`])
  await piped('INSTANCE "VI_1" MASTER_PRIORITY 180')
  await host.run(['sh', '-c', `echo 0 >${FILE}`])
  await piped('INSTANCE "VI_1" MASTER_PRIORITY 150')
  await links[1]?.cut()
  await piped('GROUP "VG" FAULT 0')
  host.writeFile(CONFIG_FILE, WITHOUT)
  agent.process.signal('SIGHUP')
  await piped('INSTANCE "VI_GONE" DELETED 150')
  await piped('INSTANCE "VI_LEFT" FAULT 150')
}

/** Takes every mail and prints its subject. RFC 5321. */
const MAIL_SERVER = `
require('node:net').createServer(socket => {
  let data = false, rest = ''
  socket.on('error', () => {})
  socket.write('220 lab\\r\\n')
  socket.on('data', bytes => {
    const lines = (rest + bytes).split('\\r\\n')
    rest = lines.pop()
    for (const line of lines) {
      if (data) {
        if (line.startsWith('Subject: ')) console.log(line)
        if (line === '.') { data = false; socket.write('250 taken\\r\\n') }
      } else if (/^DATA/i.test(line)) { data = true; socket.write('354 go on\\r\\n') }
      else if (/^QUIT/i.test(line)) socket.end('221 bye\\r\\n')
      else socket.write('250 lab\\r\\n')
    }
  })
}).listen(${MAIL_PORT}, '127.0.0.1')
`
