import {sleep} from '../lab/wait.ts'
import {Terminal} from './tmux.ts'
import {createWorld, type World, type WorldOptions} from './world.ts'

/** A screen as it was, with its escape sequences. */
export interface Shot {
  readonly name: string
  readonly columns: number
  readonly rows: number
  readonly coloured: string
}

/** Those that documents show as pictures; of the others there is the text. */
export const PICTURES = ['overview', 'services', 'events', 'takeover', 'split-brain']

const LARGE = {columns: 160, rows: 30}
const SMALL = {columns: 80, rows: 24}
/** One processor for three agents, ssh and the screen, milliseconds. */
const SEEN_TIMEOUT_MS = 90_000
const SETTLE_MS = 30_000
const QUIET = /nodes .*LIVE.*LIVE.*LIVE/
const VIEWS = [
  ['2', 'services', /SERVICE \/ REAL SERVER[\s\S]*10\.20\.0\.100:80/],
  ['3', 'checks', /refused/],
  ['4', 'events', /WHAT HAPPENED/],
  ['5', 'peers', /BY NODE/],
  ['6', 'agent', /lb1 +lb2 +lb3/],
] as const

/** Every view, the help, a question before an order, a split brain and a node that does not answer. */
export async function takeAllShots(options: WorldOptions): Promise<readonly Shot[]> {
  const world = await createWorld(options)
  try {
    return await takeShots(world)
  } finally {
    await world.lab.close()
  }
}

async function takeShots(world: World): Promise<readonly Shot[]> {
  const shots: Shot[] = []
  const terminal = await Terminal.open(world.desk, 'shots', LARGE)
  const shot = async (name: string, size = LARGE): Promise<void> => {
    shots.push({name, ...size, coloured: await terminal.coloured()})
  }
  const seen = (what: RegExp | ((text: string) => boolean)): Promise<unknown> =>
    terminal.waitFor(what, {timeoutMs: SEEN_TIMEOUT_MS})
  await terminal.command(world.dashboard)
  await seen(QUIET)
  // For rates, latencies and sparklines to have something to show.
  await sleep(SETTLE_MS)
  for (const [digit, name, content] of VIEWS) {
    await terminal.press(digit)
    await seen(content)
    if (name === 'services') await terminal.press('Enter')
    await seen(content)
    await shot(name)
  }
  await terminal.press('1')
  await seen(QUIET)
  await shot('overview')
  await terminal.press('?')
  await seen(/one row down, up/)
  await shot('help')
  await terminal.press('Escape', '/')
  await terminal.type('VI_vpn')
  await terminal.press('Enter', 'T')
  await seen(/hactl vrrp takeover/)
  await shot('takeover')
  await terminal.press('Escape')
  await terminal.resize(SMALL.columns, SMALL.rows)
  await seen(text => QUIET.test(text) && text.split('\n').every(line => [...line].length <= SMALL.columns))
  await shot('small', SMALL)
  await terminal.resize(LARGE.columns, LARGE.rows)
  await world.nodes[0].service.cutSilently()
  await seen(/SPLIT BRAIN: VI_/)
  await world.nodes[2].management.cutSilently()
  await seen(/nodes .*UNKNOWN/)
  await shot('split-brain')
  await terminal.close()
  return shots
}
