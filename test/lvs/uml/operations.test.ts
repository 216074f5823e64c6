import {join} from 'node:path'
import {expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {WRONG_CALLS} from '../wrong-calls.ts'
import type {Outcome, Step} from './operations-guest.ts'

const HTTP = '192.0.2.1:80/tcp'
const REAL = {service: HTTP, real: '10.0.0.1'}
const LARGE = 1000

const run = (steps: readonly Step[], timeoutMs = 60_000): Promise<readonly Outcome[]> =>
  runInUml({guest: join(import.meta.dirname, 'operations-guest.ts'), input: steps, timeoutMs})

const lines = (text: string): readonly string[] => text.split('\n').filter(line => line !== '')
const changesOf = ({value, error}: Outcome): unknown =>
  error ?? (value as {readonly item: {readonly changes: readonly string[]}}).item.changes

/** Every verb, with what `ipvsadm -S -n` says after it. */
const VERBS: readonly (Step & {readonly told: readonly string[]; readonly saved: readonly string[]})[] = [
  {
    call: 'addService',
    input: {service: HTTP, scheduler: 'wrr', persistent: 300, netmask: '24'},
    told: [`+ service ${HTTP} scheduler wrr persistent 300 netmask 24`],
    saved: ['-A -t 192.0.2.1:80 -s wrr -p 300 -M 255.255.255.0'],
  },
  {
    call: 'editService',
    input: {service: HTTP, scheduler: 'sh', schedulerFlags: 'sh-port', persistent: 0},
    told: [`~ service ${HTTP}: scheduler wrr -> sh, flags none -> sh-port, persistent 300 -> none, netmask 24 -> 32`],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port'],
  },
  {
    call: 'addReal',
    input: {...REAL, method: 'nat', weight: 3, upperThreshold: 9, lowerThreshold: 2},
    told: [`+ real server 10.0.0.1:80 of ${HTTP} nat weight 3 upper-threshold 9 lower-threshold 2`],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port', '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m -w 3'],
  },
  {
    call: 'editReal',
    input: {...REAL, method: 'tun', tunnelType: 'gue', tunnelPort: 6080, upperThreshold: 0, lowerThreshold: 0},
    told: [
      `~ real server 10.0.0.1:80 of ${HTTP}: method nat -> tun, tunnel ipip -> gue port 6080, upper-threshold 9 -> 0, lower-threshold 2 -> 0`,
    ],
    saved: [
      '-A -t 192.0.2.1:80 -s sh -b sh-port',
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 3 --tun-type gue --tun-port 6080 --tun-nocsum',
    ],
  },
  {
    call: 'drainReal',
    input: REAL,
    told: [`~ real server 10.0.0.1:80 of ${HTTP}: weight 3 -> 0`],
    saved: [
      '-A -t 192.0.2.1:80 -s sh -b sh-port',
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 0 --tun-type gue --tun-port 6080 --tun-nocsum',
    ],
  },
  {
    call: 'undrainReal',
    input: {...REAL, weight: 4},
    told: [`~ real server 10.0.0.1:80 of ${HTTP}: weight 0 -> 4`],
    saved: [
      '-A -t 192.0.2.1:80 -s sh -b sh-port',
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -i -w 4 --tun-type gue --tun-port 6080 --tun-nocsum',
    ],
  },
  {
    call: 'deleteReal',
    input: REAL,
    told: [`- real server 10.0.0.1:80 of ${HTTP}`],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port'],
  },
  {
    call: 'addService',
    input: {service: 'fwm6/7', persistent: 60, netmask: '64'},
    told: ['+ service fwm6/7 scheduler wlc persistent 60 netmask 64'],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port', '-A -f 7 -6 -s wlc -p 60 -M 64'],
  },
  {
    call: 'addReal',
    input: {service: 'fwm6/7', real: '[2001:db8::9]'},
    told: ['+ real server [2001:db8::9]:0 of fwm6/7 dr weight 1'],
    saved: [
      '-A -t 192.0.2.1:80 -s sh -b sh-port',
      '-A -f 7 -6 -s wlc -p 60 -M 64',
      '-a -f 7 -6 -r [2001:db8::9]:0 -g -w 1',
    ],
  },
  {
    call: 'deleteService',
    input: {service: 'fwm6/7'},
    told: ['- service fwm6/7'],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port'],
  },
  {
    call: 'zeroLvs',
    input: {service: HTTP},
    told: [`~ counters of ${HTTP}: 0`],
    saved: ['-A -t 192.0.2.1:80 -s sh -b sh-port'],
  },
  {call: 'flushLvs', input: {}, told: [`- service ${HTTP}`], saved: []},
]

/** What the kernel refuses although its arguments are right. */
const REFUSED: readonly {readonly step: Step; readonly code: string; readonly message: string}[] = [
  {
    step: {call: 'addService', input: {service: '192.0.2.1:81', scheduler: 'unknown'}},
    code: 'REFUSED',
    message: 'the scheduler unknown is not known: the module ip_vs_unknown cannot be loaded',
  },
  {
    step: {call: 'addService', input: {service: '192.0.2.1:81/udp', persistent: 60, engine: 'other'}},
    code: 'REFUSED',
    message: 'or the persistence engine other: ip_vs_pe_other',
  },
  {
    step: {call: 'editService', input: {service: HTTP, scheduler: 'unknown'}},
    code: 'REFUSED',
    message: 'the scheduler unknown is not known',
  },
  {step: {call: 'addService', input: {service: HTTP}}, code: 'REFUSED', message: `a service ${HTTP} already`},
  {step: {call: 'addReal', input: REAL}, code: 'REFUSED', message: 'has a real server 10.0.0.1:80 already'},
  {
    // The broadcast address of a network of this machine.
    step: {call: 'addReal', input: {service: HTTP, real: '127.255.255.255'}},
    code: 'REFUSED',
    message: 'refused the real server 127.255.255.255:80',
  },
  {
    step: {call: 'startSync', input: {role: 'master', interface: 'eth9'}},
    code: 'NOT_FOUND',
    message: 'there is no interface eth9',
  },
  {step: {call: 'stopSync', input: {role: 'backup'}}, code: 'NOT_FOUND', message: 'no sync daemon backup runs'},
]

const TEXT = [
  '-A -t 192.0.2.1:80 -s rr',
  '-a -t 192.0.2.1:80 -r 10.0.0.2:80 -g -w 2',
  '-A -u 192.0.2.1:53 -s wlc',
  '-a -u 192.0.2.1:53 -r 10.0.0.3:53 -m -w 1',
  '-A -f 5 -s mh -b mh-fallback,mh-port',
  '-a -f 5 -r 10.0.0.4:0 -i -w 1 --tun-type ipip',
].join('\n')

labSuite('orders to the real IPVS', ['uml', 'ipvsadm'], () => {
  it('are in the kernel as ipvsadm sees them, verb by verb', async () => {
    const outcomes = await run(VERBS)
    for (const [i, {call, told, saved}] of VERBS.entries()) {
      const outcome = outcomes[i] as Outcome
      expect({call, told: changesOf(outcome), saved: lines(outcome.saved)}).toEqual({call, told, saved})
    }
  })

  it('are refused with one line and change nothing when an argument is wrong', async () => {
    const before = [
      'ipvsadm -A -t 192.0.2.1:80 -s wrr',
      'ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1',
      'ipvsadm -A -u 192.0.2.1:5060',
    ]
    const calls = WRONG_CALLS.map(({call, input}) => ({call, input, unseen: true}))
    const [start, ...outcomes] = await run([{shell: before.join(' && ')}, ...calls, {shell: 'true'}])
    for (const [i, {call, input, names}] of WRONG_CALLS.entries()) {
      const {error} = outcomes[i] as Outcome
      const what = `${call} ${JSON.stringify(input)}`
      expect(error?.code, what).toBe(names.includes('ip_vs_unknown') ? 'REFUSED' : 'USAGE')
      expect(error?.message).not.toContain('\n')
      for (const name of names) expect(`${error?.message}; ${error?.hint}`, what).toContain(name)
    }
    expect(outcomes.at(-1)?.saved).toBe(start?.saved)
  })

  it('are refused with one line and change nothing when the kernel refuses them', async () => {
    const before = 'ipvsadm -A -t 192.0.2.1:80 -s wrr && ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1'
    const mixed = 'ipvsadm -A -t 192.0.2.1:82 && ipvsadm -a -t 192.0.2.1:82 -r [2001:db8::1]:80 -i'
    const [start, ...outcomes] = await run([
      {shell: before},
      ...REFUSED.map(({step}) => step),
      {shell: mixed},
      {call: 'startSync', input: {role: 'master', interface: 'lo'}},
    ])
    expect(outcomes.at(-1)?.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("a real server's family differs from its service's"),
    })
    for (const [i, {step, code, message}] of REFUSED.entries()) {
      const {error, saved} = outcomes[i] as Outcome
      expect(error, JSON.stringify(step.input)).toMatchObject({code, message: expect.stringContaining(message)})
      expect(saved).toBe(start?.saved)
    }
  })

  it('restore all of a text or nothing, apply makes equal, and nothing differs afterwards', async () => {
    const foreign = 'ipvsadm -A -t 192.0.2.9:80 -s rr && ipvsadm -a -t 192.0.2.9:80 -r 10.0.0.9'
    const wrongText = `${TEXT}\n-a -t 192.0.2.7:80 -r 10.0.0.1:80`
    const wrongScheduler = `${TEXT}\n-A -t 192.0.2.7:80 -s unknown`
    const steps: readonly Step[] = [
      {shell: `${foreign} && ipvsadm -A -t 192.0.2.1:80 -s wrr && ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.1 -w 4`},
      ...[wrongText, wrongScheduler].flatMap(text =>
        [true, false].flatMap(equal =>
          [true, false].map(remembers => ({call: 'restoreLvs', input: {text, equal}, remembers}) as const),
        ),
      ),
      {call: 'restoreLvs', input: {text: TEXT, dryRun: true}},
      {call: 'restoreLvs', input: {text: TEXT}},
      {call: 'restoreLvs', input: {text: TEXT}},
      {call: 'restoreLvs', input: {text: TEXT, equal: true}},
      {call: 'restoreLvs', input: {text: TEXT, equal: true, dryRun: true}},
    ]
    const outcomes = await run(steps)
    const start = outcomes[0]?.saved
    for (const {error, saved} of outcomes.slice(1, 5)) {
      expect(error).toMatchObject({code: 'USAGE', message: expect.stringMatching(/^line 7: /)})
      expect(saved).toBe(start)
    }
    for (const {error, saved} of outcomes.slice(5, 9)) {
      expect(error).toMatchObject({
        code: 'REFUSED',
        message: expect.stringMatching(/scheduler unknown is not known.*; nothing was changed$/),
      })
      expect(sortedLines(saved)).toEqual(sortedLines(start))
    }
    const [dry, restored, again, applied, differs] = outcomes.slice(9) as [Outcome, Outcome, Outcome, Outcome, Outcome]
    expect(sortedLines(dry.saved)).toEqual(sortedLines(start))
    expect(changesOf(restored)).toEqual(changesOf(dry))
    expect(lines(restored.saved)).toContain('-a -t 192.0.2.9:80 -r 10.0.0.9:80 -g -w 1')
    expect(changesOf(again)).toEqual([])
    expect(changesOf(applied)).toEqual(['- real server 10.0.0.1:80 of 192.0.2.1:80/tcp', '- service 192.0.2.9:80/tcp'])
    expect(sortedLines(applied.saved)).toEqual(sortedLines(TEXT))
    expect(changesOf(differs)).toEqual([])
  })

  it(`a restore of ${LARGE} services with 10 real servers each is undone for one error at its end`, async () => {
    const large = Array.from({length: LARGE}, (_, n) => {
      const address = `10.${1 + (n >> 8)}.${n & 255}.1:80`
      const reals = Array.from({length: 10}, (_, i) => `-a -t ${address} -r 10.200.0.${i + 1}:80 -m -w 1`)
      return [`-A -t ${address} -s rr`, ...reals].join('\n')
    }).join('\n')
    const [start, failed, done, , applied] = await run(
      [
        {shell: 'ipvsadm -A -t 192.0.2.9:80 -s rr && ipvsadm -a -t 192.0.2.9:80 -r 10.0.0.9'},
        {call: 'restoreLvs', input: {text: `${large}\n-A -t 192.0.2.7:80 -s unknown`}, remembers: true},
        {call: 'restoreLvs', input: {text: large}, remembers: true},
        {shell: 'ipvsadm -D -t 192.0.2.9:80'},
        {call: 'restoreLvs', input: {text: large, equal: true}, remembers: true},
      ],
      120_000,
    )
    expect(failed?.error?.message).toMatch(/unknown is not known.*; nothing was changed$/)
    expect(failed?.saved).toBe(start?.saved)
    expect(done?.error).toBeUndefined()
    expect(lines(done?.saved ?? '')).toHaveLength(LARGE * 11 + 2)
    expect(applied?.value).toEqual({changes: [], moreChanges: 0, applied: false, activeConnections: 0})
  })
})

const sortedLines = (text: string | undefined): readonly string[] => [...lines(text ?? '')].sort()
