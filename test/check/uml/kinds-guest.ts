import type {Host} from '../../lab/host.ts'
import {type Lab, withLab} from '../../lab/lab.ts'
import {guest} from '../../lab/uml/guest.ts'
import {type Backend, filter, flap, prepareBackends, prepareDirector} from './backends.ts'
import {Director, FIFO, type ProgramName, untilQuiet} from './director.ts'
import {type EventName, KINDS, kindsConfig, STEPS, serviceOf} from './kinds.ts'

/** Who plays. */
export interface KindsInput {
  readonly programs: readonly ProgramName[]
}

/** States of the service of each kind in each step, of each program. */
export type KindsAnswer = Readonly<Record<ProgramName, readonly (readonly (readonly string[])[])[]>>

/** Twice as long as two timeouts, the pause between them and the delay before them take, milliseconds. */
const QUIET_MS = 12_000

guest<KindsInput, KindsAnswer>(({programs}) => withLab(lab => play(lab, programs)))

async function play(lab: Lab, programs: readonly ProgramName[]): Promise<KindsAnswer> {
  const segment = await lab.segment()
  const host = await lab.host('servers')
  await host.attach(segment, {interface: 'eth0', address: '10.4.0.200/16'})
  const backends = await prepareBackends(host, KINDS)
  await Promise.all(backends.map(backend => backend.right()))
  const directors: Director[] = []
  try {
    for (const [i, program] of programs.entries()) {
      const director = await Director.on(lab, segment, {program, address: `10.4.0.${i + 1}/16`})
      prepareDirector(director.host)
      directors.push(director)
    }
    return await playSteps(directors, {host, backends})
  } finally {
    for (const director of directors) director.close()
  }
}

/** What is asked, and where all of it runs. */
interface Servers {
  readonly host: Host
  readonly backends: readonly Backend[]
}

async function playSteps(directors: readonly Director[], servers: Servers): Promise<KindsAnswer> {
  const answer: Record<ProgramName, string[][][]> = {
    keepalived: KINDS.map(() => []),
    hactl: KINDS.map(() => []),
  }
  let last: EventName = 'up'
  for (const step of STEPS) {
    const fromMs = performance.now()
    if (step === 'up') for (const director of directors) await director.start(kindsConfig(GLOBALS))
    else if (step === 'back') await endOf(servers, last)
    else await begin(servers, step)
    if (step !== 'back') last = step
    await untilQuiet(directors, QUIET_MS)
    for (const director of directors) {
      for (const [i, kind] of KINDS.entries()) {
        answer[director.program][i]?.push([...director.statesSince(serviceOf(kind), fromMs)])
      }
    }
  }
  for (const director of directors) await director.stop()
  return answer
}

const GLOBALS = `global_defs {
router_id lab
script_user root
lvs_notify_fifo ${FIFO}
}
`

const thatCan = ({backends}: Servers, event: EventName): readonly Backend[] =>
  backends.filter(({kind}) => !kind.lacks.includes(event))

async function begin(servers: Servers, event: EventName): Promise<void> {
  const backends = thatCan(servers, event)
  switch (event) {
    case 'up':
      return
    case 'refused':
      await Promise.all(backends.map(backend => backend.refuse()))
      return
    case 'filtered':
      return filter(servers.host, backends, true)
    case 'slow':
      for (const backend of backends) backend.stall()
      return
    case 'wrong':
      await Promise.all(backends.map(backend => backend.wrong()))
      return
    case 'flapping':
      return flap(servers.host, backends)
    default:
      return event satisfies never
  }
}

async function endOf(servers: Servers, event: EventName): Promise<void> {
  const backends = thatCan(servers, event)
  if (event === 'filtered') await filter(servers.host, backends, false)
  else if (event === 'slow') for (const backend of backends) backend.goOn()
  else if (event !== 'flapping') await Promise.all(backends.map(backend => backend.right()))
}
