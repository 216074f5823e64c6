import {afterAll, beforeAll, expect, it} from 'vitest'
import {labSuite} from '../lab/lab-suite.ts'
import {until} from '../lab/wait.ts'
import {PROMPT, Terminal} from './tmux.ts'
import {createWorld, untilElected, type World} from './world.ts'

/** An agent that has nothing new to tell says so this often; three times that without a line, and it is unknown. */
const WATCH_EVERY_MS = 2_000
const FAILOVER_LIMIT_MS = 1_000
/** A picture a second, a frame, a look. */
const SLACK_MS = 2_000
const SIZES = [
  {name: '80x24', columns: 80, rows: 24},
  {name: '160x50', columns: 160, rows: 50},
] as const

let world: World
const terminals: Terminal[] = []

labSuite('the dashboard of three nodes over ssh', ['ip', 'nginx', 'sshd', 'tmux'], () => {
  beforeAll(async () => {
    world = await createWorld()
    for (const {name, columns, rows} of SIZES) {
      const terminal = await Terminal.open(world.desk, name, {columns, rows})
      terminals.push(terminal)
      await terminal.command(`echo before; ${world.dashboard}`)
    }
    for (const terminal of terminals) await terminal.waitFor(showsAll)
  }, 60_000)

  afterAll(async () => {
    await world?.lab.close()
  })

  it.each([
    ['1', 'overview', /ROUTER +.*HOLDER[\s\S]*VI_web .*● MASTER 150 +○ BACKUP 100 +○ BACKUP 50 +lb1 /],
    ['2', 'services', /SERVICE \/ REAL SERVER[\s\S]*10\.20\.0\.100:80/],
    ['3', 'checks', /refused[\s\S]*10\.20\.0\.6\d/],
    ['4', 'events', /WHAT HAPPENED[\s\S]*backup -> master/],
    ['5', 'peers', /BY NODE[\s\S]*10\.20\.0\.[123] /],
    ['6', 'agent', /lb1 +lb2 +lb3/],
  ])('%s shows %s in both sizes', async (digit, _, content) => {
    for (const [i, terminal] of terminals.entries()) {
      await terminal.press(digit)
      const {text} = await terminal.waitFor(content)
      expectFrame(text, SIZES[i] as (typeof SIZES)[number])
    }
  })

  it('shows its keys', async () => {
    await small().press('1', '?')
    await small().waitFor(/one row down, up/)
    await small().press('Escape')
    await small().waitFor(showsAll)
  })

  it('follows the size of its window', async () => {
    await small().resize(120, 30)
    const wide = await small().waitFor(text => showsAll(text) && longest(text) > 100)
    expectFrame(wide.text, {columns: 120, rows: 30})
    await small().resize(80, 24)
    const narrow = await small().waitFor(text => showsAll(text) && longest(text) <= 80)
    expectFrame(narrow.text, {columns: 80, rows: 24})
  })

  it('shows a failover within a second of its happening', async () => {
    const [lb1, lb2] = world.nodes
    await world.capture.settle()
    const fromMs = Date.now()
    await lb1.service.cut()
    const look = await small().waitFor(/VI_web .*✗ FAULT.* ● MASTER.* lb2 /)
    await world.capture.settle()
    const [first] = world.capture.adverts({source: lb2.address, vrid: 61, fromMs})
    expect(look.atMs - (first?.atMs ?? 0)).toBeLessThan(FAILOVER_LIMIT_MS)
    await lb1.service.restore()
    await untilElected(world)
    await small().waitFor(showsAll)
  })

  it('says split brain in words when two nodes do not hear each other', async () => {
    await wide().press('1')
    await world.nodes[0].service.cutSilently()
    try {
      for (const terminal of terminals) {
        // What the third node hears tells it before the second has said so itself, and a takeover is not judged at once.
        await terminal.waitFor(
          text => /CRITICAL SPLIT BRAIN: .*VI_/.test(text) && /VI_web .*● MASTER.* ● MASTER.*SPLIT BRAIN/.test(text),
        )
      }
    } finally {
      await world.nodes[0].service.restore()
    }
    await untilElected(world)
    await small().waitFor(text => !text.includes('SPLIT BRAIN') && showsAll(text))
  })

  it('takes over by an order that is confirmed, and takes any command line', async () => {
    const [lb1] = world.nodes
    expect(lb1.host.holds('10.20.0.104')).toBe(false)
    await small().press('/')
    await small().type('VI_vpn')
    await small().press('Enter', 'T')
    await small().waitFor(/hactl vrrp takeover VI_vpn --host ssh:\/\/root@lb1/)
    // The answer that is there already is no.
    expect(lb1.host.holds('10.20.0.104')).toBe(false)
    await small().press('y')
    await until('the takeover', () => lb1.host.holds('10.20.0.104'), {timeoutMs: 5_000})
    await small().press('Escape')
    await small().waitFor(/VI_vpn {2,}(65 +)?● MASTER/)
    await small().press(':')
    await small().type('vrrp resume VI_vpn')
    await small().press('Enter')
    await until('the end of it', () => !lb1.host.holds('10.20.0.104'), {timeoutMs: 5_000})
    await small().press('Escape')
    await small().waitFor(/VI_vpn {2,}(65 +)?○ BACKUP/)
  })

  it('shows a node that does not answer as unknown after three intervals, and then again', async () => {
    const [, , lb3] = world.nodes
    const fromMs = Date.now()
    await lb3.management.cutSilently()
    const look = await small().waitFor(/nodes .*LIVE.*LIVE.*UNKNOWN/)
    expect(look.text).toMatch(/VI_dns .*\? UNKNOWN/)
    expect(look.text).not.toMatch(/VI_dns.*MASTER/)
    expect(look.atMs - fromMs).toBeGreaterThan(WATCH_EVERY_MS)
    expect(look.atMs - fromMs).toBeLessThan(3 * WATCH_EVERY_MS + SLACK_MS)
    await lb3.management.restore()
    await small().waitFor(showsAll, {timeoutMs: 40_000})
  })

  it('gives the terminal back', async () => {
    await small().press('q')
    await wide().press('C-c')
    for (const terminal of terminals) {
      const {text} = await terminal.waitFor(shown => shown.trimEnd().endsWith(PROMPT.trim()))
      expect(text).toContain('before')
      expect(text).not.toContain('VRID')
      await terminal.command('echo $?:; stty -a | grep -o " echo "; tput cnorm')
      await terminal.waitFor(/^(0|130):\n echo/m)
    }
  })
})

const small = (): Terminal => terminals[0] as Terminal
const wide = (): Terminal => terminals[1] as Terminal

/** Three nodes and everything where its priority wants it. */
const showsAll = (text: string): boolean =>
  /nodes .*LIVE.*LIVE.*LIVE/.test(text) && /VI_web .*● MASTER.* lb1 /.test(text) && /VI_dns .* lb3 /.test(text)

const longest = (text: string): number => Math.max(...text.split('\n').map(line => [...line].length))

/** Nothing is wider than the window, and the line at the bottom is there, which is the last. */
function expectFrame(text: string, {columns, rows}: {readonly columns: number; readonly rows: number}): void {
  const lines = text.replace(/\n$/, '').split('\n')
  expect(lines.length).toBeLessThanOrEqual(rows)
  expect(longest(text)).toBeLessThanOrEqual(columns)
  expect(lines.slice(-2).join('\n')).toMatch(/Enter open/)
}
