import {afterEach, describe, expect, it} from 'vitest'
import {type MailPatience, MailQueue, mailSettings} from '../../../src/agent/supervisor/mail-queue.ts'
import type {Note} from '../../../src/agent/supervisor/notify-note.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type ServerBehaviour, SmtpServer} from './smtp-server.ts'

const SETTINGS = {
  host: '127.0.0.1',
  heloName: 'lb1.example.org',
  from: 'Director <root@lb1.example.org>',
  recipients: ['ann@example.org', 'Bob B <bob@example.org>'],
  timeoutMs: 2_000,
}
const IMPATIENT: MailPatience = {firstPauseMs: 20, maxPauseMs: 40, giveUpAfterMs: 60_000}
const MAIL = {subject: '[lb1] VRRP Instance VI_1 - Entering MASTER state', text: '=> it is <=\r\n'}

const servers: SmtpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serverWith(behaviour: ServerBehaviour = {}): Promise<{server: SmtpServer; port: number}> {
  const server = new SmtpServer(behaviour)
  servers.push(server)
  return {server, port: await server.listen()}
}

/** A queue whose records a test can wait for. */
function queue(port: number, patience: MailPatience = IMPATIENT, timeoutMs = SETTINGS.timeoutMs) {
  const records: {kind: string; text: string; instance: string | undefined}[] = []
  let onRecord = (): void => {}
  const note: Note = (kind, text, _facts, instance) => {
    records.push({kind, text, instance})
    onRecord()
  }
  const mails = new MailQueue(note, patience)
  mails.configure({...SETTINGS, port, timeoutMs})
  const until = (condition: () => boolean): Promise<void> =>
    new Promise(resolve => {
      onRecord = () => {
        if (condition()) resolve()
      }
      onRecord()
    })
  const recorded = (count: number): Promise<void> => until(() => records.length >= count)
  return {mails, records, recorded, until}
}

describe('mail', () => {
  it('arrives with names and addresses in their places', async () => {
    const {server, port} = await serverWith()
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, 'VI_1')
    await recorded(1)
    const [received] = server.received
    expect(received).toMatchObject({
      greeted: 'lb1.example.org',
      from: 'FROM:<root@lb1.example.org>',
      to: ['TO:<ann@example.org>', 'TO:<bob@example.org>'],
      encrypted: false,
    })
    const [head = '', text] = (received?.message ?? '').split('\n\n')
    expect(text).toBe('=> it is <=')
    expect(head.split('\n')).toEqual(
      expect.arrayContaining([
        'From: Director <root@lb1.example.org>',
        'To: ann@example.org, Bob B <bob@example.org>',
        `Subject: ${MAIL.subject}`,
      ]),
    )
    expect(head).toMatch(/^Date: /m)
    expect(records).toEqual([{kind: 'mail-sent', text: `mail sent to 2 recipients: ${MAIL.subject}`, instance: 'VI_1'}])
  })

  it('goes in order and over one connection when there are many', async () => {
    const {server, port} = await serverWith()
    const {mails, recorded} = queue(port)
    const subjects = Array.from({length: 40}, (_, n) => `mail ${n}`)
    for (const subject of subjects) mails.add({subject, text: 'x'}, undefined)
    await recorded(40)
    expect(server.received.map(({message}) => /^Subject: (.*)$/m.exec(message)?.[1])).toEqual(subjects)
    expect(server.connections).toBe(1)
  })

  it('is encrypted where the server offers it, whoever signed its certificate', async () => {
    const {server, port} = await serverWith({tls: 'self-signed'})
    const {mails, recorded} = queue(port)
    mails.add(MAIL, undefined)
    await recorded(1)
    expect(server.received).toMatchObject([{encrypted: true}])
  })

  it('goes in the clear to a server that offers encryption and cannot do it', async () => {
    const {server, port} = await serverWith({tls: 'broken'})
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, undefined)
    await recorded(2)
    expect(records.map(({kind}) => kind)).toEqual(['mail-failed', 'mail-sent'])
    expect(server.received).toMatchObject([{encrypted: false}])
  })

  it('goes to a server that knows HELO alone', async () => {
    const {server, port} = await serverWith({heloOnly: true})
    const {mails, recorded} = queue(port)
    mails.add(MAIL, undefined)
    await recorded(1)
    expect(server.received).toMatchObject([{greeted: 'lb1.example.org'}])
  })

  // RFC 5321 section 4.2.1: 4yz is transient, 5yz is permanent.
  it('is tried again after a transient refusal, and one complaint is enough', async () => {
    let refusals = 0
    const answer = (line: string) => (line.startsWith('MAIL') && refusals++ < 3 ? '451 later' : undefined)
    const {server, port} = await serverWith({answer})
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, 'VI_1')
    await recorded(2)
    expect(server.received).toHaveLength(1)
    expect(server.connections).toBe(4)
    expect(records.map(({kind}) => kind)).toEqual(['mail-failed', 'mail-sent'])
    expect(records[0]?.text).toContain('tried again for 1 minutes: ')
    expect(records[0]?.text).toContain('451 later')
  })

  it('is given up at once after a permanent refusal, and the next one goes its way', async () => {
    let refusals = 0
    const answer = (line: string) => (line.startsWith('MAIL') && refusals++ === 0 ? '550 no\x1b[2J' : undefined)
    const {server, port} = await serverWith({answer})
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, 'VI_1')
    mails.add({subject: 'second', text: 'x'}, 'VI_2')
    await recorded(2)
    expect(records.map(({kind, instance}) => [kind, instance])).toEqual([
      ['mail-failed', 'VI_1'],
      ['mail-sent', 'VI_2'],
    ])
    expect(records[0]?.text).toContain('550 no [2J')
    expect(server.received).toHaveLength(1)
  })

  it('reaches those recipients whom the server takes, and the record names the others', async () => {
    const answer = (line: string) => (line.startsWith('RCPT TO:<ann') ? '550 nobody' : undefined)
    const {server, port} = await serverWith({answer})
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, undefined)
    await recorded(1)
    expect(server.received).toMatchObject([{to: ['TO:<bob@example.org>']}])
    expect(records[0]?.text).toContain('mail sent to 1 recipient, refused for ann@example.org: ')
  })

  it('is given up after a while when nobody answers', async () => {
    const {server, port} = await serverWith()
    await server.close()
    servers.length = 0
    const {mails, records, until} = queue(port, {firstPauseMs: 5, maxPauseMs: 10, giveUpAfterMs: 50})
    mails.add(MAIL, 'VI_1')
    await until(() => records.some(({text}) => text.startsWith('mail given up')))
    expect(records.at(-1)?.text).toMatch(/^mail given up: .*ECONNREFUSED.*: \[lb1\]/)
  })

  it('arrives when the server comes back', async () => {
    const {server, port} = await serverWith()
    await server.close()
    servers.length = 0
    const {mails, records, recorded} = queue(port)
    mails.add(MAIL, 'VI_1')
    await recorded(1)
    const later = new SmtpServer()
    servers.push(later)
    await later.listen(port)
    await recorded(2)
    expect(records.map(({kind}) => kind)).toEqual(['mail-failed', 'mail-sent'])
    expect(later.received).toHaveLength(1)
  })

  it('goes to another server after a reload, without waiting for the next attempt', async () => {
    const silent = await serverWith()
    await silent.server.close()
    servers.length = 0
    const {server, port} = await serverWith()
    const {mails, recorded} = queue(silent.port, {firstPauseMs: 600_000, maxPauseMs: 600_000, giveUpAfterMs: 900_000})
    mails.add(MAIL, undefined)
    await recorded(1)
    mails.configure({...SETTINGS, port})
    await recorded(2)
    expect(server.received).toHaveLength(1)
  })

  it('does not hold up the end of the agent when the server says nothing', async () => {
    const {server, port} = await serverWith({silent: true})
    const {mails, records} = queue(port, IMPATIENT, 600_000)
    for (let n = 0; n < 3; n++) mails.add(MAIL, undefined)
    await mails.flush(200)
    expect(records).toMatchObject([
      {kind: 'mail-failed', text: `mail given up: the agent ends: ${MAIL.subject} (and 2 more)`},
    ])
    expect(server.received).toEqual([])
  })

  it('is sent before the agent ends when the server answers', async () => {
    const {server, port} = await serverWith()
    const {mails} = queue(port)
    for (let n = 0; n < 3; n++) mails.add(MAIL, undefined)
    await mails.flush(10_000)
    expect(server.received).toHaveLength(3)
  })

  it('waits in a bounded queue, whose first one may be on its way', async () => {
    const {server, port} = await serverWith()
    const {mails, records, recorded} = queue(port)
    for (let n = 0; n < 514; n++) mails.add({subject: `mail ${n}`, text: 'x'}, undefined)
    expect(records.map(({text}) => text)).toEqual([
      'mail given up: too many are waiting: mail 1',
      'mail given up: too many are waiting: mail 2',
    ])
    await recorded(514)
    expect(server.received).toHaveLength(512)
  })
})

describe('the settings of mail', () => {
  const settingsOf = (lines: string) =>
    mailSettings(parseConfig({file: 'a', text: `global_defs {\n${lines}\n}`}).config.global)

  it('have the defaults of keepalived.conf(5)', () => {
    const settings = settingsOf('smtp_server 192.0.2.1\nnotification_email {\na@x.org\nb@x.org\n}')
    expect(settings).toMatchObject({host: '192.0.2.1', port: 25, timeoutMs: 30_000, recipients: ['a@x.org', 'b@x.org']})
    expect(settings?.from).toMatch(/^\S+@\S+$/)
    expect(settings?.from.split('@')[1]).toBe(settings?.heloName)
  })

  it.each(['smtp_server 192.0.2.1', 'notification_email {\na@x.org\n}'])('are none with %j alone', lines => {
    expect(settingsOf(lines)).toBeUndefined()
  })
})
