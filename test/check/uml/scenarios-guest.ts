import {closeSync, constants, openSync, renameSync, writeSync} from 'node:fs'
import type {Host} from '../../lab/host.ts'
import {type Lab, withLab} from '../../lab/lab.ts'
import {guest} from '../../lab/uml/guest.ts'
import {Director, FIFO, type ProgramName, untilQuiet} from './director.ts'
import type {Scenario, Step} from './scenario-file.ts'
import {enterNetworkOf, TalkingServer} from './talking-server.ts'

/** What is to be played, and by whom. */
export interface ScenariosInput {
  readonly scenarios: readonly Scenario[]
  readonly programs: readonly ProgramName[]
}

/** Output of each step of each scenario, in their order, of each program. */
export type ScenariosAnswer = Readonly<Record<ProgramName, readonly (readonly (readonly string[])[])[]>>

/** Twice as long as a failure, or the return after a bad page, takes to be seen with intervals of 1 s, milliseconds. */
const QUIET_MS = 7_000

const GLOBALS = `global_defs {
    router_id lab
    script_user root
    enable_script_security
    lvs_notify_fifo ${FIFO}
}
`

guest<ScenariosInput, ScenariosAnswer>(input => withLab(lab => play(lab, input)))

/** Everything that scenarios act on. */
interface Stage {
  readonly directors: readonly Director[]
  readonly servers: ReadonlyMap<string, TalkingServer>
}

/** All scenarios at once, the first step of each, then the second: they share the programs and nothing else. */
async function play(lab: Lab, {scenarios, programs}: ScenariosInput): Promise<ScenariosAnswer> {
  const segment = await lab.segment()
  const directors: Director[] = []
  try {
    for (const [i, program] of programs.entries()) {
      directors.push(await Director.on(lab, segment, {program, address: `10.4.0.${i + 1}/16`}))
    }
    const host = await lab.host('servers')
    await host.attach(segment, {interface: 'eth0', address: '10.4.0.200/16'})
    return await playRounds({directors, servers: await startServers(host, scenarios)}, scenarios)
  } finally {
    for (const director of directors) director.close()
  }
}

async function playRounds(stage: Stage, scenarios: readonly Scenario[]): Promise<ScenariosAnswer> {
  const acts = scenarios.map(actsOf)
  for (const [i, {before}] of acts.entries()) for (const step of before) await act(stage, placed(step, i))
  const nothing = (): string[][][] => acts.map(({before}) => before.map(() => []))
  const output: Record<ProgramName, string[][][]> = {keepalived: nothing(), hactl: nothing()}
  const rounds = Math.max(...acts.map(({during}) => during.length))
  for (let round = 0; round <= rounds; round++) {
    const steps = acts.map(({during, last}) => (round === rounds ? last : during[round]))
    const fromMs = performance.now()
    await playRound(stage, {acts, steps, round})
    for (const director of stage.directors) {
      for (const [i, step] of steps.entries()) {
        if (step !== undefined) output[director.program][i]?.push(seenBy(director, prefixOf(i), fromMs))
      }
    }
  }
  return output
}

/** Addresses of a scenario, by its place. */
const prefixOf = (scenario: number): string => `10.4.${scenario + 1}.`

/** A scenario: what is so before the programs start, what happens from their start on, and their stop. */
interface Acts {
  readonly before: readonly Step[]
  readonly during: readonly Step[]
  readonly last: Step | undefined
}

function actsOf({steps}: Scenario): Acts {
  const start = steps.findIndex(({words: [verb]}) => verb === 'start')
  return {before: steps.slice(0, start), during: steps.slice(start, -1), last: steps.at(-1)}
}

interface Round {
  readonly acts: readonly Acts[]
  readonly steps: readonly (Step | undefined)[]
  readonly round: number
}

async function playRound(stage: Stage, {acts, steps, round}: Round): Promise<void> {
  const words = new Set<string | undefined>()
  for (const [i, step] of steps.entries()) {
    words.add(step?.words[0])
    if (step !== undefined) await act(stage, placed(step, i))
  }
  const config = (): string => GLOBALS + acts.map(({during}, i) => configOf(during, i, round)).join('\n')
  if (words.has('start')) for (const director of stage.directors) await director.start(config())
  if (words.has('reload')) for (const director of stage.directors) director.reload(config())
  if (words.has('stop')) for (const director of stage.directors) await director.stop()
  await untilQuiet(stage.directors, words.has('stop') ? 1_000 : QUIET_MS)
}

/** In a file the addresses are 10.4.0.N, in the play each scenario has a network of its own. */
const place = (text: string, scenario: number): string => text.replaceAll('10.4.0.', prefixOf(scenario))

const placed = ({words, text, output}: Step, scenario: number): Step => ({
  words: words.map(word => place(word, scenario)),
  text: place(text, scenario),
  output,
})

/** The last configuration that a scenario has given by now. */
function configOf(steps: readonly Step[], scenario: number, round: number): string {
  const given = steps.slice(0, round + 1).filter(({words: [verb]}) => verb === 'start' || verb === 'reload')
  return place(given.at(-1)?.text ?? '', scenario)
}

async function act({directors, servers}: Stage, {words: [verb = '', ...words]}: Step): Promise<void> {
  const [first = '', second = '', third = ''] = words
  const server = servers.get(first)
  switch (verb) {
    case 'start':
      for (const address of words) servers.get(address)?.refuse()
      return
    case 'refuse':
      return server?.refuse()
    case 'back':
      return server?.listen()
    case 'status':
      return server?.setStatus(second, Number(third))
    case 'exit':
      for (const {host} of directors) replaceFile(host, `/run/${first}`, `#!/bin/sh\nexit ${second}\n`)
      return
    case 'file':
      for (const {host} of directors) writeNumber(host.outside(`/run/${first}`), second)
      return
    case 'address':
      for (const {host} of directors) await host.run(['ip', 'addr', first, `${second}/32`, 'dev', 'lo'])
      return
    case 'reload':
    case 'stop':
    case 'wait':
      return
    default:
      throw new Error(`no such step: ${verb}`)
  }
}

/** At once: a program that is half written would be a failure. */
function replaceFile(host: Host, path: string, text: string): void {
  host.writeFile(`${path}.new`, text, {mode: 0o755})
  renameSync(host.outside(`${path}.new`), host.outside(path))
}

/** By one call, and without making the file empty before: a program that looks in between would see 0. */
function writeNumber(path: string, text: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT)
  writeSync(file, `${text.padStart(NUMBER_LENGTH)}\n`)
  closeSync(file)
}

/** All are as long as the longest, so that nothing is left of the one before. */
const NUMBER_LENGTH = 11

/** One for each address and port of a real server or a sorry server, all on one host, by address and port. */
async function startServers(host: Host, scenarios: readonly Scenario[]): Promise<ReadonlyMap<string, TalkingServer>> {
  const text = scenarios.map((scenario, i) => scenario.steps.map(step => place(step.text, i)).join('\n')).join('\n')
  const endpoints = new Set(
    [...text.matchAll(/^\s*(?:real|sorry)_server (\S+) (\d+)/gm)].map(([, address, port]) => `${address}:${port}`),
  )
  const addresses = new Set([...endpoints].map(endpoint => endpoint.split(':')[0]))
  const input = [...addresses].map(address => `addr add ${address}/16 dev eth0\n`).join('')
  await host.run(['ip', '-batch', '-'], {input})
  enterNetworkOf(host)
  const servers = new Map<string, TalkingServer>()
  for (const endpoint of endpoints) {
    const [address = '', port] = endpoint.split(':')
    const server = new TalkingServer(address, Number(port))
    await server.listen()
    servers.set(endpoint, server)
  }
  return servers
}

/** States of the services of one scenario, and what was told of them, without the network that is its own. */
function seenBy(director: Director, prefix: string, fromMs: number): string[] {
  const states = director
    .servicesWith(prefix)
    .flatMap(service => director.statesSince(service, fromMs).map(state => `${service} ${state}`))
  const told = director.toldSince(prefix, fromMs).map(line => `told ${line}`)
  return [...states, ...told].map(line => line.replaceAll(prefix, '.'))
}
