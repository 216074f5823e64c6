import {createSocket} from 'node:dgram'
import packet from 'dns-packet'
import {describe, expect, it} from 'vitest'
import {answersOf, encodeDnsQuery, judgeDnsReply, probeDns} from '../../src/probe/dns.ts'
import {connectionTo, udpServer} from './udp-server.ts'

const ID = 0xf895

/** A header with these flags, RFC 1035 section 4.1.1, and what follows it. */
function reply(flags: number, {id = ID, answers = 0, rest = ''} = {}): Buffer {
  const header = Buffer.alloc(12)
  for (const [at, value] of [id, flags, 1, answers].entries()) header.writeUInt16BE(value, 2 * at)
  return Buffer.concat([header, Buffer.from(rest, 'hex')])
}

describe('a query', () => {
  // Sent by keepalived 2.2.7, but for its random id.
  it.each([
    ['A', 'www.example.com', 'f8950100000100000000000003777777076578616d706c6503636f6d0000010001'],
    ['A', '.', 'f895010000010000000000000000010001'],
    ['RRSIG', 'www.example.com', 'f8950100000100000000000003777777076578616d706c6503636f6d00002e0001'],
  ])('has the bytes of keepalived: %s %s', (recordType, queryName, bytes) => {
    expect(encodeDnsQuery({recordType, queryName}, ID).toString('hex')).toBe(bytes)
  })

  it.each([
    ['TYPE65', 'example.com', 'TYPE65 is no type that can be asked for'],
    ['A', `${'a'.repeat(64)}.example`, `${'a'.repeat(64)}.example is no domain name`],
    ['A', 'a..b', 'a..b is no domain name'],
    ['A', Array(130).fill('a').join('.'), `${'a.'.repeat(40)}… is no domain name`],
  ])('is refused where there is none: %s %s', async (recordType, queryName, reason) => {
    const asked = {type: 'dns', connection: connectionTo('127.0.0.1', 9), recordType, queryName} as const
    expect(await probeDns(asked, {})).toMatchObject({ok: false, reason})
  })
})

describe('a reply is judged as keepalived 2.2.7 does, measured', () => {
  const cases: readonly [string, Buffer, string | undefined][] = [
    ['rcode 0 and an answer', reply(0x8180, {answers: 1}), 'rcode 0, 1 answer'],
    ['rcode 0 and no answer', reply(0x8180), 'rcode 0, 0 answers'],
    ['cut short', reply(0x8380), 'rcode 0, 0 answers, cut short'],
    ['another opcode', reply(0xf980), 'rcode 0, 0 answers'],
    ['another question', reply(0x8180, {rest: '03666f6f0000100001'}), 'rcode 0, 0 answers'],
    ['NXDOMAIN', reply(0x8183), 'rcode 3 (NXDOMAIN) where 0 is wanted'],
    ['SERVFAIL', reply(0x8182), 'rcode 2 (SERVFAIL) where 0 is wanted'],
    ['an rcode without a name', reply(0x818f), 'rcode 15 where 0 is wanted'],
    ['another id', reply(0x8180, {id: ID ^ 1}), undefined],
    ['a query', reply(0x0100), undefined],
    ['nothing', Buffer.alloc(0), undefined],
    // keepalived takes this one, and reads what an earlier one left.
    ['less than a header', reply(0x8180).subarray(0, 11), undefined],
  ]
  it.each(cases)('%s', (_name, bytes, wanted) => {
    const verdict = judgeDnsReply(bytes, ID)
    expect(verdict?.ok ? verdict.detail : verdict?.reason).toBe(wanted)
  })
})

/** The reply to a query, with other bytes in its header. */
function answerTo(query: Buffer, change: {readonly flags?: number; readonly idXor?: number} = {}): Buffer {
  const bytes = Buffer.from(query)
  bytes.writeUInt16BE(query.readUInt16BE(0) ^ (change.idXor ?? 0), 0)
  bytes.writeUInt16BE(change.flags ?? 0x8180, 2)
  return bytes
}

const probeAt = (port: number, timeoutMs = 10_000, details?: (line: string) => void) =>
  probeDns(
    {type: 'dns', connection: connectionTo('127.0.0.1', port, {timeoutMs}), recordType: 'A', queryName: 'example.com'},
    {details},
  )

describe('a probe by DNS', () => {
  it('is good when its reply comes, whatever comes before', async () => {
    const server = await udpServer(query => [
      Buffer.alloc(0),
      Buffer.alloc(3),
      answerTo(query, {idXor: 1}),
      query,
      answerTo(query),
    ])
    expect(await probeAt(server.port)).toMatchObject({ok: true, detail: 'rcode 0, 0 answers'})
  })

  it('is bad at once with another rcode', async () => {
    const server = await udpServer(query => [answerTo(query, {flags: 0x8183}), answerTo(query)])
    expect(await probeAt(server.port)).toMatchObject({ok: false, reason: 'rcode 3 (NXDOMAIN) where 0 is wanted'})
  })

  it('is bad when no reply to it comes', async () => {
    const server = await udpServer(query => [answerTo(query, {idXor: 1})])
    expect(await probeAt(server.port, 200)).toMatchObject({ok: false, reason: 'no reply within 200 ms'})
    expect(server.received).toHaveLength(1)
  })

  it('is bad when nobody is there', async () => {
    expect(await probeAt(9)).toMatchObject({ok: false, reason: 'refused'})
  })

  it('gives up a server that floods it', async () => {
    const socket = createSocket('udp4')
    let sender: NodeJS.Immediate | undefined
    socket.once('message', (query, {port, address}) => {
      const flood = (): void => {
        for (let i = 0; i < 10; i++) socket.send(answerTo(query, {idXor: 1}), port, address)
        sender = setImmediate(flood)
      }
      flood()
    })
    // Nobody receives any more what is still on its way when the probe has ended.
    socket.on('error', () => {})
    await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
    const result = await probeAt(socket.address().port)
    clearImmediate(sender)
    socket.close()
    expect(result).toMatchObject({ok: false, reason: '1000 replies, and none to what was sent'})
  })

  it('asks with another id from another port each time', async () => {
    const server = await udpServer(query => [answerTo(query)])
    for (let i = 0; i < 8; i++) await probeAt(server.port)
    expect(new Set(server.received.map(query => query.readUInt16BE(0))).size).toBeGreaterThan(4)
    expect(new Set(server.senders.map(({port}) => port)).size).toBeGreaterThan(4)
  })

  it('shows the answers to who wants to see what happens', async () => {
    const answers: packet.Answer[] = [
      {type: 'A', name: 'example.com', data: '192.0.2.1', ttl: 60},
      {type: 'TXT', name: 'example.com', data: ['a b', 'c\n'], ttl: 60},
    ]
    const server = await udpServer(query => {
      const {id = 0, questions} = packet.decode(query)
      return [packet.encode({type: 'response', id, questions: questions ?? [], answers})]
    })
    const lines: string[] = []
    expect(await probeAt(server.port, 10_000, line => lines.push(line))).toMatchObject({detail: 'rcode 0, 2 answers'})
    expect(lines).toContain('answer: example.com A "192.0.2.1"')
    expect(lines).toContain('answer: example.com TXT ["a b","c\\n"]')
  })
})

describe('replies that are not what they should be', () => {
  it('are judged by their header, and shown without an exception', () => {
    const good = packet.encode({
      type: 'response',
      id: ID,
      questions: [{type: 'MX', name: 'example.com'}],
      answers: [
        {type: 'MX', name: 'example.com', data: {preference: 10, exchange: 'mail.example.com'}},
        {type: 'TXT', name: 'example.com', data: ['a\u001b[31m', 'b']},
        {type: 'SOA', name: 'example.com', data: {mname: 'ns.example.com', rname: 'root.example.com'}},
      ],
    })
    let seed = 20_261_122
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return (seed >>> 8) % below
    }
    let accepted = 0
    let read = 0
    for (let i = 0; i < 5_000; i++) {
      const bytes = Buffer.from(good.subarray(0, random(4) === 0 ? random(good.length + 1) : good.length))
      for (let n = random(4); n > 0 && bytes.length > 0; n--) bytes[random(bytes.length)] = random(256)
      if (judgeDnsReply(bytes, ID)?.ok) accepted++
      const lines = answersOf(bytes)
      if (lines.length > 1) read++
      for (const line of lines) expect(line).toMatch(/^[ -~…]{1,201}$/)
    }
    expect(accepted).toBeGreaterThan(1_000)
    expect(read).toBeGreaterThan(1_000)
  })

  it('may point at themselves', () => {
    const bytes = reply(0x8180, {answers: 1, rest: 'c00c00010001c00c000100010000000000040a000001'})
    expect(answersOf(bytes)).toEqual(['the reply cannot be read beyond its header'])
  })
})
