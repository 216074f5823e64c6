import {missingForLab} from '../lab/peers.ts'
import {STEPS, type Step} from './steps.ts'
import {type Output, Timeline} from './timeline.ts'
import {createWorld, type World} from './world.ts'

/** Plays the demo; returns the exit code: 0 only if every step really happened. */
export async function playDemo(output: Output): Promise<number> {
  const missing = missingForLab(['ip', 'nginx'])
  if (missing !== undefined) {
    output.write(`the demo cannot run here: ${missing}\n`)
    return 1
  }
  const timeline = new Timeline(output)
  timeline.title(
    'hactl demo: two directors with nginx, one address, one client',
    '192.168.31.240 on ens33, VRRPv2 with PASS, an advertisement every 2 s;',
    'priorities 101 and 100, less 5 while chk_nginx (every 2 s) fails',
  )
  let world: World | undefined
  try {
    world = await createWorld()
    timeline.event('hosts and links are made, nginx runs, the client asks every 50 ms')
    return await playSteps(STEPS, world, timeline)
  } catch (error) {
    timeline.failed('making the hosts', message(error))
    return 1
  } finally {
    timeline.close()
    await world?.lab.close()
  }
}

/** Plays steps one after the other; stops at the first that fails and says why. */
export async function playSteps(steps: readonly Step[], world: World, timeline: Timeline): Promise<number> {
  for (const {name, play} of steps) {
    try {
      timeline.done(await play(world, timeline))
    } catch (error) {
      timeline.failed(name, message(error))
      for (const {host, daemon} of [world.director1, world.director2]) {
        if (daemon) timeline.text(`--- hactl on ${host.name}: ${daemon.process.describe()}`)
      }
      return 1
    }
  }
  timeline.text('')
  timeline.text('Every step happened. Times are kernel receive times on the wire between the')
  timeline.text('hosts, beside what RFC 3768 gives: 3 x interval + (256 - priority) / 256 s.')
  return 0
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error))
