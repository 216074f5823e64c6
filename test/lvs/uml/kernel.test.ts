import {join} from 'node:path'
import {beforeAll, describe, expect, it} from 'vitest'
import type {Destination, SchedulerFlag, Service, ServiceRules} from '../../../src/core/ipvs/model.ts'
import {destinationKey, serviceName} from '../../../src/core/ipvs/names.ts'
import {printSavedRules} from '../../../src/core/ipvsadm/save.ts'
import {anyRules, realOf, serviceOf, sorted} from '../../core/ipvs/generate.ts'
import {randomFrom} from '../../core/netlink/captures.ts'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import type {CallsAnswer} from './calls-guest.ts'
import type {RulesAnswer} from './kernel-guest.ts'
import {randomChanges} from './random-changes.ts'

const SCHEDULERS = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh'.split(' ')
const PERSISTENCE4 = [1, 8, 24, 31, 32].map(prefixLength => ({timeoutSeconds: 300, prefixLength, engine: undefined}))
const PERSISTENCE6 = [1, 64, 127, 128].map(prefixLength => ({timeoutSeconds: 60, prefixLength, engine: undefined}))
const FLAGS: readonly (readonly SchedulerFlag[])[] = [[], [1], [2], [1, 2]]

/** Every scheduler with every flag it has, every form of persistence, both families, all protocols, marks. */
function allServices(): readonly Service[] {
  let port = 1_000
  const next = (protocol: string, family: 4 | 6 = 4): string =>
    `${family === 4 ? '192.0.2.1' : '[2001:db8::1]'}:${port++}/${protocol}`
  const sip = {timeoutSeconds: 2_678_400, prefixLength: 32, engine: 'sip'}
  return [
    ...SCHEDULERS.map(scheduler => serviceOf(next('tcp'), {scheduler})),
    ...SCHEDULERS.map(scheduler => serviceOf(next('tcp', 6), {scheduler})),
    ...['sh', 'mh'].flatMap(scheduler =>
      FLAGS.map(schedulerFlags => serviceOf(next('tcp'), {scheduler, schedulerFlags})),
    ),
    ...[1, 2, 3].map(flag => serviceOf(next('udp'), {scheduler: 'rr', schedulerFlags: [flag as SchedulerFlag]})),
    ...PERSISTENCE4.map(persistence => serviceOf(next('sctp'), {persistence})),
    ...PERSISTENCE6.map(persistence => serviceOf(next('sctp', 6), {persistence})),
    serviceOf(next('udp'), {onePacket: true}),
    serviceOf(next('udp', 6), {onePacket: true, scheduler: 'sh', schedulerFlags: [2]}),
    serviceOf(next('udp'), {persistence: sip}),
    serviceOf(next('udp', 6), {persistence: {...sip, timeoutSeconds: 1, prefixLength: 128}}),
    serviceOf('192.0.2.9:0/tcp', {persistence: {timeoutSeconds: 360, prefixLength: 24, engine: undefined}}),
    ...['fwm/1', 'fwm6/1', 'fwm/2147483647', 'fwm6/2147483647'].map(name => serviceOf(name)),
    serviceOf('fwm/5', {persistence: PERSISTENCE4[2], onePacket: true}),
    serviceOf('fwm6/5', {persistence: PERSISTENCE6[1], scheduler: 'mh', schedulerFlags: [1, 2]}),
  ]
}

const TUNNELS: readonly Destination['tunnel'][] = [
  {type: 'ipip', port: 0, checksum: 'nocsum'},
  {type: 'gre', port: 0, checksum: 'nocsum'},
  {type: 'gre', port: 0, checksum: 'csum'},
  {type: 'gue', port: 1, checksum: 'nocsum'},
  {type: 'gue', port: 6_080, checksum: 'csum'},
  {type: 'gue', port: 65_535, checksum: 'remcsum'},
]

/** Every forwarding method, tunnel, weight and threshold, to addresses of both families. */
function allDestinations(port: number): readonly Destination[] {
  let host = 1
  const next = (more: Partial<Destination>, prefix = '10.0.0.'): Destination => realOf(`${prefix}${host++}`, port, more)
  return [
    next({method: 'nat'}),
    {...next({method: 'nat'}), port: 8_080},
    next({method: 'dr', weight: 0}),
    next({method: 'dr', weight: 2_147_483_647}),
    ...TUNNELS.map(tunnel => next({method: 'tun', tunnel})),
    ...TUNNELS.map(tunnel => next({method: 'tun', tunnel}, '2001:db8:1::')),
    next({upperThreshold: 1}),
    next({upperThreshold: 4_294_967_295, lowerThreshold: 4_294_967_294}),
  ]
}

const ONE_OF_EACH: readonly ServiceRules[] = allServices().map((service, index) => ({
  service,
  destinations: index === 0 ? allDestinations(1_000) : [],
}))
/** What ipvsadm prints, but does not read again, or not as it was. */
const ONLY_PRINTED: readonly ServiceRules[] = [
  {service: serviceOf('fwm/4294967295'), destinations: []},
  {service: serviceOf('192.0.2.1:80/tcp', {scheduler: 'sh', schedulerFlags: [1, 2, 3]}), destinations: []},
  {service: serviceOf('192.0.2.1:81/tcp', {scheduler: 'none'}), destinations: [realOf('10.0.0.1', 81)]},
]

/** Whether ipvsadm 1.31 reads what it prints: not marks above 2147483647 nor the third flag of sh and mh. */
const isReadAgain = ({service: {id, scheduler, schedulerFlags}}: ServiceRules): boolean =>
  !(id.type === 'fwmark' && id.mark > 0x7fff_ffff) && !(['sh', 'mh'].includes(scheduler) && schedulerFlags.includes(3))

/** As `ipvsadm -S` knows them: without thresholds. */
const withoutThresholds = (rules: readonly ServiceRules[]): readonly ServiceRules[] =>
  rules.map(({service, destinations}) => ({
    service,
    destinations: destinations.map(destination => ({...destination, upperThreshold: 0, lowerThreshold: 0})),
  }))

const linesOf = (text: string): readonly string[] => text.split('\n').toSorted()

labSuite('rules in the kernel', ['uml', 'ipvsadm'], () => {
  const random = randomFrom(0x6b)
  const sets = [ONE_OF_EACH, ONLY_PRINTED, ...Array.from({length: 20}, () => anyRules(random))]
  let answers: readonly RulesAnswer[] = []
  const of = (index: number): RulesAnswer => {
    const answer = answers[index]
    if (answer === undefined) throw new Error(`no answer about rules ${index}`)
    return answer
  }

  beforeAll(async () => {
    const guest = join(import.meta.dirname, 'kernel-guest.ts')
    answers = await runInUml<readonly RulesAnswer[]>({guest, input: sets, timeoutMs: 100_000})
  }, 110_000)

  it('are read by us as we wrote them', () => {
    for (const [index, rules] of sets.entries()) {
      expect(of(index).failed).toBe(0)
      expect(sorted(of(index).ours)).toEqual(sorted(rules))
    }
  })

  it('that we wrote are read by ipvsadm', () => {
    for (const [index, rules] of sets.entries()) {
      expect(linesOf(of(index).saved)).toEqual(linesOf(printSavedRules(rules, {readable: false})))
    }
  })

  it('that we wrote have their thresholds for ipvsadm too', () => {
    for (const [index, rules] of sets.entries()) {
      const wanted = rules.flatMap(({destinations}) =>
        destinations.map(real => [`${real.upperThreshold} ${real.lowerThreshold}`, destinationKey(real)] as const),
      )
      const told = [...of(index).thresholds.matchAll(/-> (\S+) +(\d+) +(\d+)/g)].map(
        ([, name, upper, lower]) => [`${upper} ${lower}`, name] as const,
      )
      expect(told.toSorted()).toEqual(wanted.toSorted())
    }
  })

  it('come in the order of the kernel', () => {
    for (const {ours, unsorted} of answers) expect(ours.map(({service}) => serviceName(service.id))).toEqual(unsorted)
  })

  it('that ipvsadm wrote are read by us', () => {
    let restored = 0
    for (const [index, rules] of sets.entries()) {
      if (!rules.every(isReadAgain)) continue
      const answer = of(index)
      restored++
      expect(sorted(answer.restored ?? [])).toEqual(sorted(withoutThresholds(rules)))
      expect(answer.savedAgain).toBe(answer.saved)
    }
    expect(ONE_OF_EACH.every(isReadAgain)).toBe(true)
    expect(restored).toBeGreaterThan(2)
  })
})

labSuite('the calls to IPVS', ['uml', 'ipvsadm'], () => {
  const {changes, expectedResults} = randomChanges(randomFrom(0xca11), 2_000)
  let answer: CallsAnswer | undefined
  const of = <Name extends keyof CallsAnswer>(name: Name): CallsAnswer[Name] => {
    if (answer === undefined) throw new Error('no answer')
    return answer[name]
  }

  beforeAll(async () => {
    const guest = join(import.meta.dirname, 'calls-guest.ts')
    answer = await runInUml<CallsAnswer>({guest, input: changes, timeoutMs: 100_000, memoryMb: 1_024})
  }, 110_000)

  describe('that change many things in one send', () => {
    it('have one result each: those that fail, their own error', () => {
      expect(of('results')).toEqual(expectedResults)
      expect(of('flushed')).toBe('ok')
      expect(new Set(of('results'))).toEqual(new Set(['ok', 'EEXIST', 'ENOENT', 'ESRCH', 'ERANGE']))
    })

    it('are told that all failed, where all failed, also when they are ten thousand', () => {
      expect(of('allFailing')).toEqual({EEXIST: 11_000})
    })
  })

  describe('that read', () => {
    it('read a large table whole, and each time anew', () => {
      expect(of('large')).toEqual({services: 1_000, destinations: 10_000, same: true})
    })

    it('read all that does not change while the rest does', () => {
      expect(of('whileChanging')).toEqual({reads: 10, complete: 10})
    })

    it('tell one service, or that there is none', () => {
      expect(of('one')).toEqual({there: '10.0.0.1:80/tcp', destinations: 10, absent: true})
    })
  })

  it('about counters agree with ipvsadm after traffic', () => {
    const {ours, ipvsadm, zeroed} = of('counters')
    expect(ours).toEqual(ipvsadm)
    expect(ours.filter(line => !line.endsWith(' 0 0 0 0 0')).length).toBe(8)
    const second = ours.find(line => line.startsWith('[fd01::1]:80 '))?.slice('[fd01::1]:80 '.length)
    expect(zeroed).toEqual({first: '0 0 0 0 0', second})
    expect(second).toMatch(/^1 [1-9]/)
  })

  it('about connections agree with ipvsadm', () => {
    const {ours, ipvsadm, skipped, engines} = of('connections')
    expect(ours).toEqual(ipvsadm)
    // Two of TCP, one of SIP, and a template for each service with persistence; one packet alone makes none.
    const ends = ours.map(line => line.replace(/^(\S+) \S+ (\S+) .*$/, '$1 $2'))
    expect(ends).toEqual(['TCP 10.0.0.2', 'TCP 10.0.0.2', 'TCP fd00::2', 'UDP 10.0.0.2', 'UDP 10.0.0.2'])
    expect(skipped).toBe(0)
    expect(new Set(engines)).toEqual(new Set(['sip call-7@client']))
  })

  it('about timeouts and sync daemons agree with ipvsadm', () => {
    expect(of('timeouts')).toEqual({
      set: {ok: true},
      tcpSeconds: 901,
      tcpFinSeconds: 77,
      udpSeconds: 300,
      ipvsadm: 'Timeout (tcp tcpfin udp): 901 77 300',
      tooLong: 'EINVAL',
    })
    expect(of('daemons')).toEqual({
      started: ['ok', 'EEXIST', 'ENODEV', 'ok'],
      ours: ['master v0 5 1400 239.1.2.3 9999 7', 'backup v0 0 1400 ff02::81 8848 3'],
      ipvsadm: [
        'master sync daemon (mcast=v0, syncid=5, maxlen=1400, group=239.1.2.3, port=9999, ttl=7)',
        'backup sync daemon (mcast=v0, syncid=0, maxlen=1400, group=ff02::81, port=8848, ttl=3)',
      ],
      stopped: ['ok', 'ESRCH', 'ok'],
      atOnce: ['ok'],
      left: 0,
    })
  })

  it('load the module where it is missing, also while they are in use', () => {
    expect(of('module')).toEqual({
      without: 'FAILED this kernel has no IPVS: the module ip_vs cannot be loaded (there is no modprobe(8))',
      refused: 'FAILED this kernel has no IPVS: the module ip_vs cannot be loaded (no such thing)',
      loaded: '1.2.1',
      older: 0,
    })
  })

  it('are refused to those who may not', () => {
    expect(of('permission')).toBe('PERMISSION IPVS is only for those with the capability CAP_NET_ADMIN')
  })
})
