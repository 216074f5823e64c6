import {spawnSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import type {IpvsChange, ServiceRules} from '../../../src/core/ipvs/model.ts'
import {serviceName} from '../../../src/core/ipvs/names.ts'
import {plainDestination, plainService} from '../../../src/core/ipvs/rules.ts'
import {Ipvs} from '../../../src/kernel/ipvs.ts'
import {guest} from '../../lab/uml/guest.ts'

/** What the kernel was told by us or by ipvsadm, and what the other reads of it. */
export interface RulesAnswer {
  /** Results other than "done". */
  readonly failed: number
  readonly ours: readonly ServiceRules[]
  readonly saved: string
  readonly thresholds: string
  /** Services, as ipvsadm lists them unsorted: in the kernel's order. */
  readonly unsorted: readonly string[]
  /** What we read after `ipvsadm -R` of `saved`, and what it saves then; undefined: it could not read that. */
  readonly restored: readonly ServiceRules[] | undefined
  readonly savedAgain: string
}

guest(async (sets: readonly (readonly ServiceRules[])[]): Promise<readonly RulesAnswer[]> => {
  const table = await Ipvs.open()
  const read = async (): Promise<readonly ServiceRules[]> =>
    (await table.services()).map(({service, destinations}) => ({
      service: plainService(service),
      destinations: destinations.map(plainDestination),
    }))
  const answers: RulesAnswer[] = []
  for (const rules of sets) {
    await table.flush()
    const failed = (await table.change(additions(rules))).filter(({ok}) => !ok).length
    const ours = await read()
    const saved = ipvsadm(['-S', '-n'])
    const thresholds = ipvsadm(['-Ln', '--thresholds'])
    const unsorted = [...ipvsadm(['-Ln', '--nosort']).matchAll(/^(TCP|UDP|SCTP|FWM) +(\S+)( IPv6)?/gm)].map(nameOf)
    await table.flush()
    writeFileSync('/run/rules', saved)
    const isRestored = spawnSync('sh', ['-c', 'ipvsadm -R </run/rules']).status === 0
    const restored = isRestored ? await read() : undefined
    answers.push({failed, ours, saved, thresholds, unsorted, restored, savedAgain: ipvsadm(['-S', '-n'])})
  }
  table.close()
  return answers
})

function additions(rules: readonly ServiceRules[]): readonly IpvsChange[] {
  return rules.flatMap(({service, destinations}) => [
    {type: 'add-service', service} as const,
    ...destinations.map(destination => ({type: 'add-destination', id: service.id, destination}) as const),
  ])
}

function ipvsadm(words: readonly string[]): string {
  const {status, stdout, stderr} = spawnSync('ipvsadm', words, {encoding: 'utf8', maxBuffer: 16 * 1024 * 1024})
  if (status !== 0) throw new Error(`ipvsadm ${words.join(' ')}: ${stderr}`)
  return stdout
}

/** The name that `serviceName` gives what a line of a list begins with. */
function nameOf([, protocol = '', name = '', ipv6]: readonly (string | undefined)[]): string {
  if (protocol !== 'FWM') return `${name}/${protocol.toLowerCase()}`
  return serviceName({type: 'fwmark', mark: Number(name) >>> 0, family: ipv6 === undefined ? 4 : 6})
}
