import {describe, expect, test} from 'vitest'
import {PlainRuleReader} from '../../../src/core/ipvs/plain-rule-line.ts'
import {printRulesText, readRulesText} from '../../../src/core/ipvs/rules-text.ts'
import {parseCommand} from '../../../src/core/ipvsadm/parse.ts'
import {randomFrom} from '../netlink/captures.ts'
import {oneOf, under} from './generate.ts'

/** What the reader of all lines makes of one. */
function change(line: string): unknown {
  const words = line.split(' ').filter(word => word !== '')
  const parsed = parseCommand(words, {port: () => undefined, host: () => undefined}, {nested: true})
  return parsed.type === 'command' && parsed.command.type === 'change' ? parsed.command.change : undefined
}

/** What the reader of plain lines makes of the one that begins there. */
function read(text: string, start: number): unknown {
  const reader = new PlainRuleReader(text)
  const newline = text.indexOf('\n', start)
  const end = newline < 0 ? text.length : newline
  const destination = reader.destination(start, end)
  if (destination !== undefined) return {type: 'add-destination', id: reader.id, destination}
  const service = reader.service(start, end)
  return service && {type: 'add-service', service}
}

describe('a plain line', () => {
  test.each([
    '-A -t 192.0.2.1:80 -s wrr',
    '-A -u 0.0.0.0:65535 -s sh',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 1',
    '-a -u 255.255.255.255:1 -r 10.0.0.1:81 -g -w 0',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 65535',
  ])('means what it means to the reader of all lines: %s', line => {
    const wanted = change(line)
    expect(wanted).toBeDefined()
    expect(read(line, 0)).toEqual(wanted)
    expect(read(`# x\n${line}\n`, 4)).toEqual(wanted)
  })

  test.each([
    '-A -t 192.0.2.1:80 -s wrr -p 300',
    '-A -t 192.0.2.1:80',
    '-A -t 192.0.2.01:80 -s rr',
    '-A -t 192.0.2.256:80 -s rr',
    '-A -t 192.0.2:80 -s rr',
    '-A -t 192.0.2.1:0 -s rr',
    '-A -t 192.0.2.1:080 -s rr',
    '-A -t 192.0.2.1:65536 -s rr',
    '-A -t [2001:db8::1]:80 -s rr',
    '-A -f 5 -s rr',
    '-a -t 192.0.2.1:80 -r 10.0.0.1 -m -w 1',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:99999 -m -w 1',
    '-a -t 192.0.2.1:99999 -r 10.0.0.1:80 -m -w 1',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 1 --tun-type ipip',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 01',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 100000',
    '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 1\r',
    '-E -t 192.0.2.1:80 -s wrr',
    ' -A -t 192.0.2.1:80 -s wrr',
    '',
  ])('is no other line: %j', line => {
    expect(read(line, 0)).toBeUndefined()
    expect(read(`${line}\n-A -t 192.0.2.1:80 -s wrr\n`, 0)).toBeUndefined()
  })

  // A line that is read as plain and one that is not differ in nothing but a space.
  test('comes to the same rules, or the same complaint, however it is read', () => {
    const random = randomFrom(3)
    const endpoint = (): string =>
      `${oneOf(random, ['10.0.0.1', '192.0.2.255', '10.0.0.01', '10.0.0.256', 'x'])}:${oneOf(random, [0, 1, 80, 65535, 65536])}`
    let good = 0
    for (let n = 0; n < 3_000; n++) {
      const services = Array.from({length: 1 + under(random, 3)}, () => `-${oneOf(random, ['t', 'u'])} ${endpoint()}`)
      const lines = services.map(service => `-A ${service} -s ${oneOf(random, ['rr', 'wrr', 'sh'])}`)
      for (let real = under(random, 5); real > 0; real--) {
        const weight = oneOf(random, [0, 1, '01', 65_535, 65_536, -1])
        lines.push(`-a ${oneOf(random, services)} -r ${endpoint()} -${oneOf(random, ['m', 'g'])} -w ${weight}`)
      }
      const got = readRulesText(lines.join('\n'))
      expect(got).toEqual(readRulesText(lines.map(line => ` ${line}`).join('\n')))
      if (!got.ok) continue
      good++
      expect(readRulesText(printRulesText(got.rules))).toEqual(got)
    }
    expect(good).toBeGreaterThan(100)
  })

  test('is refused twice, also behind very many others', () => {
    const service = '-A -t 192.0.2.1:80 -s rr'
    const reals = Array.from({length: 600}, (_, i) => `-a -t 192.0.2.1:80 -r 10.0.${i >> 8}.${i & 255}:80 -m -w 1`)
    expect(readRulesText([service, ...reals].join('\n'))).toMatchObject({ok: true})
    for (const again of [0, 5, 15, 16, 17, 599]) {
      expect(readRulesText([service, ...reals, reals[again]].join('\n'))).toEqual({
        ok: false,
        line: 602,
        message: `real server 10.0.${again >> 8}.${again & 255}:80 of 192.0.2.1:80/tcp is not permitted twice`,
      })
    }
  })
})
