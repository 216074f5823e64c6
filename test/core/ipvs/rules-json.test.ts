import {describe, expect, it} from 'vitest'
import {printRulesJson, readRulesJson} from '../../../src/core/ipvs/rules-json.ts'
import {randomFrom} from '../netlink/captures.ts'
import {anyRules, oneOf, under} from './generate.ts'

const document = (...services: readonly unknown[]): string => JSON.stringify({hactl: 'lvs-rules', version: 1, services})

const WEB = {name: '192.0.2.1:80/tcp'}
const service = (more: object): string => document(WEB, {name: '192.0.2.2:80/udp', ...more})
const real = (more: object): string => service({realServers: [{name: '10.0.0.1:80', ...more}]})

describe('rules as JSON', () => {
  it('are read as they were written', () => {
    const random = randomFrom(5)
    for (let i = 0; i < 200; i++) {
      const rules = anyRules(random)
      expect(readRulesJson(printRulesJson(rules))).toEqual({ok: true, rules})
    }
  })

  it('have the defaults of ipvsadm where something is left out', () => {
    const text = document({...WEB, realServers: [{name: '10.0.0.1'}]})
    expect(readRulesJson(text)).toMatchObject({
      ok: true,
      rules: [
        {
          service: {scheduler: 'wlc', schedulerFlags: [], onePacket: false, persistence: undefined},
          destinations: [{address: '10.0.0.1', port: 80, method: 'dr', weight: 1}],
        },
      ],
    })
  })

  it.each<[text: string, message: RegExp]>([
    ['', /^this is not JSON: /],
    ['{', /^this is not JSON: /],
    ['['.repeat(100_000), /^this is not JSON: /],
    ['[]', /^the document: a list is not permitted: an object$/],
    ['null', /^the document: null is not permitted/],
    ['{}', /^hactl is missing: "lvs-rules"$/],
    ['{"hactl":"x"}', /^hactl: x is not permitted: "lvs-rules"$/],
    ['{"hactl":"lvs-rules","version":2,"services":[]}', /^version: 2 is not permitted: 1$/],
    ['{"hactl":"lvs-rules","version":1}', /^services is missing: a list$/],
    ['{"hactl":"lvs-rules","version":1,"services":[],"x":1}', /^x is not known; hactl, version, services$/],
    [document(5), /^services\[0\]: 5 is not permitted: an object$/],
    [document({}), /^services\[0\].name is missing: a text$/],
    [document({name: '192.0.2.1:80'}), /^services\[0\].name: 192.0.2.1:80 is not permitted: a name with \/tcp/],
    [document({name: 'x'}), /^services\[0\].name: x is not the name of a service/],
    [document(WEB, WEB), /^services\[1\].name: 192.0.2.1:80\/tcp stands in services\[0\] already$/],
    [document(WEB, {name: '192.0.2.1:080/TCP'}), /^services\[1\].name: .* stands in services\[0\] already$/],
    [service({scheduler: 5}), /^services\[1\].scheduler: 5 is not permitted: a text$/],
    [service({scheduler: 'r r'}), /^services\[1\].scheduler: scheduler "r r" is not permitted/],
    [service({schedulerFlags: ['x']}), /^services\[1\].schedulerFlags: schedulerFlags x is not permitted/],
    [service({schedulerFlags: 'x'}), /^services\[1\].schedulerFlags: x is not permitted: a list$/],
    [service({onePacket: 1}), /^services\[1\].onePacket: 1 is not permitted: true or false$/],
    [service({persistence: 5}), /^services\[1\].persistence: 5 is not permitted: an object$/],
    [service({persistence: {}}), /^services\[1\].persistence.timeoutSeconds is missing/],
    [
      service({persistence: {timeoutSeconds: 0}}),
      /^services\[1\].persistence.timeoutSeconds: 0 is not permitted: 1 to/,
    ],
    [
      service({persistence: {timeoutSeconds: 5, prefixLength: 33}}),
      /^services\[1\].persistence.prefixLength: netmask 33/,
    ],
    [service({persistence: {timeoutSeconds: 5, engine: 'a b'}}), /^services\[1\].persistence.engine: engine "a b"/],
    [service({weight: 5}), /^services\[1\].weight is not known; name, scheduler/],
    [service({realServers: {}}), /^services\[1\].realServers: an object is not permitted: a list$/],
    [real({name: 'x'}), /^services\[1\].realServers\[0\].name: real server x: x is not an address/],
    [real({weight: '1'}), /^services\[1\].realServers\[0\].weight: 1 is not permitted: a number$/],
    [real({weight: 2 ** 31}), /^services\[1\].realServers\[0\].weight: weight 2147483648 is not permitted: 0 to/],
    [real({wieght: 1}), /^services\[1\].realServers\[0\].wieght is not known; name, method, weight/],
    [real({tunnel: {type: 'gre'}}), /^services\[1\].realServers\[0\].tunnel.type: tunnelType gre is not permitted/],
    [
      real({method: 'tun', tunnel: {type: 'gue'}}),
      /^services\[1\].realServers\[0\].tunnel.port: tunnelPort is missing/,
    ],
    [real({method: 'bypass'}), /^services\[1\].realServers\[0\].method: method bypass is not permitted/],
    [
      service({realServers: [{name: '10.0.0.1:80'}, {name: '10.0.0.1'}]}),
      /^services\[1\].realServers\[1\].name: 10.0.0.1:80 stands in services\[1\].realServers\[0\] already$/,
    ],
  ])('are refused with the place and what is permitted: %.80s', (text, message) => {
    const read = readRulesJson(text)
    expect(read.ok ? 'it was read' : read.message).toMatch(message)
    expect(read.ok ? '' : read.message).not.toContain('\n')
  })

  it('are read or refused without an exception when they are damaged', () => {
    const random = randomFrom(6)
    let [read, refused] = [0, 0]
    for (let i = 0; i < 2_000; i++) {
      const text = printRulesJson(anyRules(random))
      const at = under(random, text.length)
      const damaged = `${text.slice(0, at)}${oneOf(random, ['', '0', '"', '}', '-1', 'null', '{}'])}${text.slice(at + 1)}`
      if (readRulesJson(damaged).ok) read++
      else refused++
    }
    expect(read).toBeGreaterThan(50)
    expect(refused).toBeGreaterThan(500)
  })
})
