import {join} from 'node:path'
import {expect, it} from 'vitest'
import {stopGracefully} from '../lab/daemon.ts'
import {enter} from '../lab/entrance.ts'
import {startAttack} from '../lab/hostile.ts'
import {LabProcess} from '../lab/lab-process.ts'
import {labSuite} from '../lab/lab-suite.ts'
import {PcapReader} from '../lab/pcap.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {until} from '../lab/wait.ts'
import {
  type Node,
  records,
  type Site,
  said,
  shown,
  startNode,
  stateOf,
  text,
  transitions,
  untilState,
  withSite,
} from './nodes.ts'

const VIP = '10.9.0.101/24'
const PASSWORD = 's3cretAH'
const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
/** A strange packet is complained of once a minute for each way of being strange. */
const COMPLAINTS = 1

const ah = (priority: number, password = PASSWORD): string =>
  text([{name: 'VI_1', vrid: 1, priority, vips: [VIP], lines: authentication('AH', password)}])
    .replace('vrrp_version 3', 'vrrp_version 2')
    .replace('advert_int 0.1', 'advert_int 1')

const hmac = (priority: number, key = KEY): string =>
  text([{name: 'VI_1', vrid: 1, priority, vips: [VIP], lines: `auth_hmac {\n key 1 hex:${key}\n active_key 1\n }`}])

const unsigned = (priority: number): string => text([{name: 'VI_1', vrid: 1, priority, vips: [VIP]}])

const authentication = (type: string, password: string): string =>
  `authentication {\n auth_type ${type}\n auth_pass ${password}\n }`

labSuite('authentication in the running agent', ['ip'], () => {
  it('never obeys a neighbour with another AH password, nor what was recorded and is sent again', async () => {
    await withSite(1, async site => {
      const {one, two, frames} = await masterBackupAndRecorder(site, ah(150), ah(100))
      const stranger = await startNode(site, {name: 'wrong', n: 3, config: ah(200, 'wrongOne')})
      await until('its advertisements', () => heardFrom(site, '10.9.0.3', 200) >= 2, {timeoutMs: 8_000})
      await rejected(two, 'authentication-header-wrong', 2)
      await rejected(one, 'authentication-header-wrong', 2)
      expect([stateOf(one, 'VI_1'), stateOf(two, 'VI_1')]).toEqual(['master', 'backup'])
      await stopGracefully(stranger.agent)
      await until('enough to be recorded', () => from(frames, '10.9.0.1').length >= 3, {timeoutMs: 5_000})
      await stopGracefully(one.agent)
      await untilState(two, 'master', ['VI_1'], 8_000)
      await replay(site, from(frames, '10.9.0.1'))
      await rejected(two, 'authentication-header-replayed', 500)
      expect(stateOf(two, 'VI_1')).toBe('master')
      expect(transitions(two, 'VI_1')).toEqual(['init -> backup', 'backup -> master'])
      expectFewComplaints(two, ['authentication-header-wrong', 'authentication-header-replayed'])
      expectNoSecret(two, [PASSWORD, 'wrongOne'])
    })
  }, 60_000)

  it('never obeys what is not signed, what another key signs, and signatures that were there before', async () => {
    await withSite(1, async site => {
      const {one, two, frames} = await masterBackupAndRecorder(site, hmac(150), hmac(100))
      const unsignedOne = await startNode(site, {name: 'none', n: 3, config: unsigned(200)})
      const wrong = await startNode(site, {name: 'wrong', n: 4, config: hmac(220, KEY.replaceAll('0', 'f'))})
      for (const [address, priority] of [
        ['10.9.0.3', 200],
        ['10.9.0.4', 220],
      ] as const) {
        await until(`${address} to advertise`, () => heardFrom(site, address, priority) >= 5, {timeoutMs: 8_000})
      }
      for (const node of [one, two]) {
        await rejected(node, 'hmac-missing', 3)
        await rejected(node, 'hmac-wrong', 3)
      }
      expect([stateOf(one, 'VI_1'), stateOf(two, 'VI_1')]).toEqual(['master', 'backup'])
      for (const {agent} of [unsignedOne, wrong]) await stopGracefully(agent)
      await stopGracefully(one.agent)
      await untilState(two, 'master', ['VI_1'])
      await replay(site, from(frames, '10.9.0.1'))
      await rejected(two, 'hmac-replayed', 500)
      expect(transitions(two, 'VI_1')).toEqual(['init -> backup', 'backup -> master'])
      expectFewComplaints(two, ['hmac-missing', 'hmac-wrong', 'hmac-replayed'])
      expectNoSecret(two, [KEY])
    })
  }, 60_000)
})

interface Scene {
  readonly one: Node
  readonly two: Node
  /** Every frame of the segment from the start. */
  readonly frames: readonly Buffer[]
}

async function masterBackupAndRecorder(site: Site, better: string, worse: string): Promise<Scene> {
  const frames = await recordFrames(site)
  const one = await startNode(site, {name: 'one', n: 1, config: better})
  const two = await startNode(site, {name: 'two', n: 2, config: worse})
  await untilState(one, 'master', ['VI_1'], 8_000)
  await untilState(two, 'backup', ['VI_1'])
  return {one, two, frames}
}

/** Waits until a node has dropped so many packets for a reason. */
async function rejected(node: Node, failure: string, count: number): Promise<void> {
  const giveUpAt = performance.now() + 6_000
  for (;;) {
    const {counters} = await shown(node, 'VI_1')
    if ((counters.rejected[failure] ?? 0) >= count) return
    if (performance.now() > giveUpAt) expect(counters.rejected).toMatchObject({[failure]: `at least ${count}`})
  }
}

function expectFewComplaints(node: Node, failures: readonly string[]): void {
  const complaints = records(node).filter(({kind}) => kind === 'packets-rejected')
  for (const failure of failures) {
    const those = complaints.filter(({facts}) => facts.failure === failure)
    expect(those.length, `complaints of ${failure}`).toBe(COMPLAINTS)
    expect(those[0]?.text).toMatch(/^advertisement from 10\.9\.0\.\d dropped: /)
  }
}

function expectNoSecret(node: Node, secrets: readonly string[]): void {
  const everything = JSON.stringify(records(node)) + node.agent.process.stderr + said(node, 'agent-started').join()
  for (const secret of secrets) expect(everything).not.toContain(secret)
}

const heardFrom = ({captures}: Site, source: string, priority: number): number =>
  captures[0]?.adverts({source, priority}).length ?? 0

/** Sends frames of others again, a thousand a second, from a host of its own. */
async function replay(site: Site, frames: readonly Buffer[]): Promise<void> {
  const host = await site.lab.host('replay')
  const [segment] = site.segments
  if (!segment) throw new Error('no segment')
  await host.attach(segment, {interface: 'eth0'})
  const attack = await startAttack(host, {device: 'eth0', frames, perSecond: 1_000, seconds: 1})
  await attack.exited
}

/** IPv4 frames that carry this source address. */
const from = (frames: readonly Buffer[], source: string): readonly Buffer[] =>
  frames.filter(
    frame => frame.readUInt16BE(12) === 0x0800 && [51, 112].includes(frame[23] ?? 0) && sourceOf(frame) === source,
  )

const sourceOf = (frame: Buffer): string => frame.subarray(26, 30).join('.')

/** The frames of the first segment as they come, which a capture keeps only the sense of. */
async function recordFrames({lab, segments}: Site): Promise<readonly Buffer[]> {
  const sniffer = join(repoRoot(), 'test', 'lab', 'sniffer.mjs')
  const entrance = enter(lab.entrance, ['mount', 'net', 'pid'])
  const program = new LabProcess('recorder', [...entrance, process.execPath, sniffer, segments[0]?.bridge ?? ''], {
    binary: true,
  })
  const frames: Buffer[] = []
  const reader = new PcapReader()
  program.onBytes(bytes => {
    for (const {frame} of reader.push(bytes)) frames.push(Buffer.from(frame))
  })
  await program.waitForOutput(/listening/)
  return frames
}
