import {expect} from 'vitest'
import type {MoveReply, Override, VirtualRouter} from '../../src/control/model.ts'
import {CONFIG_FILE, startAgent, stopGracefully} from '../lab/daemon.ts'
import {until} from '../lab/wait.ts'
import {ask, type Director, hactl, holders, type Pair, withPair} from './pair.ts'

/** Runs a command that has to succeed, and gives what it prints. */
export async function done(director: Director, ...args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await hactl(director, ...args)
  expect({code, stderr}, `${director.name}: hactl ${args.join(' ')}`).toEqual({code: 0, stderr: ''})
  return stdout
}

/** Runs a command that has to be refused, and gives what it says. */
export async function refused(director: Director, ...args: readonly string[]): Promise<string> {
  const {code, stdout, stderr} = await hactl(director, ...args)
  expect({code, stdout}, `${director.name}: hactl ${args.join(' ')}: ${stderr}`).toEqual({code: 7, stdout: ''})
  return stderr
}

/** What became of a virtual router by a command. */
export const moved = async (director: Director, ...args: readonly string[]): Promise<MoveReply> =>
  (await ask<{item: MoveReply}>(director, ...args)).item

/** What operators changed on a director. */
export const overrides = async (director: Director): Promise<readonly Override[]> =>
  (await ask<{items: readonly Override[]}>(director, 'agent', 'overrides')).items

/** Waits until one director alone has an address; the name is empty for nobody. */
export const onlyHolder = (pair: Pair, name: string, vip?: string): Promise<unknown> =>
  until(`${name || 'nobody'} alone to hold the address`, () => holders(pair, vip).join() === name, {timeoutMs: 5_000})

/** Gives a director another configuration, by a reload. */
export async function reload(director: Director, text: string): Promise<void> {
  director.host.writeFile(CONFIG_FILE, text)
  // Warnings go to stderr.
  expect(await hactl(director, 'agent', 'reload')).toMatchObject({code: 0})
}

/** Ends an agent and starts it anew with the configuration that it has. */
export async function restart(director: Director): Promise<void> {
  await stopGracefully(director.agent)
  director.agent = await startAgent(director.host, {config: director.host.readFile(CONFIG_FILE)})
  // 8: it answers, but has nothing to tell of its virtual routers yet.
  while ((await hactl(director, 'vrrp', 'show', 'VI_1')).code === 8);
}

/** Waits for what the figures of a director say, which are told once a second. */
export async function figures(director: Director, isSo: (router: VirtualRouter) => boolean): Promise<VirtualRouter> {
  const giveUpAt = performance.now() + 5_000
  for (;;) {
    const {code, stdout, stderr} = await hactl(director, 'vrrp', 'show', 'VI_1', '--json')
    // 8: the agent has just started.
    if (code !== 8) {
      expect(code, stderr).toBe(0)
      const {item} = JSON.parse(stdout) as {item: VirtualRouter}
      if (isSo(item)) return item
    }
    if (performance.now() > giveUpAt) throw new Error(`in vain: ${stdout}${stderr}`)
  }
}

/** Two agents, the first of them master, that know of each other. */
export const withKnownPair = (work: (pair: Pair) => Promise<void>): Promise<void> =>
  withPair(async pair => {
    await figures(pair.two, ({heard}) => heard !== null)
    await work(pair)
  })
