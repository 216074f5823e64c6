import {type Lab, withLab} from '../../lab/lab.ts'
import {guest} from '../../lab/uml/guest.ts'
import {type Backend, prepareBackends, prepareDirector} from './backends.ts'
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
    return await playSteps(directors, backends)
  } finally {
    for (const director of directors) director.close()
  }
}

async function playSteps(directors: readonly Director[], backends: readonly Backend[]): Promise<KindsAnswer> {
  const answer: Record<ProgramName, string[][][]> = {
    keepalived: KINDS.map(() => []),
    hactl: KINDS.map(() => []),
  }
  let last: EventName = 'up'
  for (const step of STEPS) {
    const fromMs = performance.now()
    if (step === 'up') for (const director of directors) await director.start(kindsConfig(GLOBALS))
    else if (step === 'back') await Promise.all(backends.map(backend => endOf(backend, last)))
    else await Promise.all(backends.map(backend => begin(backend, step)))
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

async function begin(backend: Backend, event: EventName): Promise<void> {
  if (backend.kind.lacks.includes(event)) return
  switch (event) {
    case 'up':
      return
    case 'refused':
      return backend.refuse()
    case 'filtered':
      return backend.filter(true)
    case 'slow':
      return backend.stall()
    case 'wrong':
      return backend.wrong()
    case 'flapping':
      return backend.flap()
    default:
      return event satisfies never
  }
}

async function endOf(backend: Backend, event: EventName): Promise<void> {
  if (backend.kind.lacks.includes(event)) return
  if (event === 'filtered') await backend.filter(false)
  else if (event === 'slow') backend.goOn()
  else if (event !== 'flapping') await backend.right()
}
