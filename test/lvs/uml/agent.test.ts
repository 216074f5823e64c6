import {join} from 'node:path'
import {expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import type {AgentInput, Daemons, Disk, Kill, Life} from './agent-guest.ts'

const see = <Answer>(play: AgentInput['play'], timeoutMs: number): Promise<Answer> =>
  runInUml<Answer>({guest: join(import.meta.dirname, 'agent-guest.ts'), input: {play} satisfies AgentInput, timeoutMs})

const table = (...lines: readonly string[]): string => lines.map(line => `${line}\n`).join('')

const WEB = '10.9.0.100:80'
const FOREIGN = ['-A -t 10.9.9.9:80 -s rr', '-a -t 10.9.9.9:80 -r 10.9.9.1:80 -m -w 5', '-A -f 7 -s wlc -p 60']
const web = (scheduler: string, ...weights: readonly number[]): readonly string[] => [
  `-A -t ${WEB} -s ${scheduler}`,
  ...weights.map((weight, i) => `-a -t ${WEB} -r 10.9.0.${i + 1}:80 -g -w ${weight}`),
]

labSuite('an agent that owns IPVS', ['uml', 'ipvsadm'], () => {
  it('puts what is wanted beside what others made, keeps orders over restarts, and withdraws what is its own', async () => {
    const seen = await see<Life>('life', 150_000)
    const other = ['-A -t 10.9.0.100:81 -s wrr', '-a -t 10.9.0.100:81 -r 10.9.0.1:81 -g -w 3']
    const edited = [FOREIGN[0] ?? '', '-a -t 10.9.9.9:80 -r 10.9.9.1:80 -m -w 6', FOREIGN[2] ?? '']
    expect(seen.started).toBe(table(...web('wrr', 3, 3), ...other, ...FOREIGN))
    expect(seen.ordered).toBe(table(...web('wrr', 0, 3, 2), ...other, ...edited))
    expect(seen.reloaded).toBe(table(...web('sh', 0, 3, 2), ...edited))
    // What an operator changed through the agent is the agent's from then on.
    expect(seen.stopped).toBe(table(FOREIGN[2] ?? ''))
    expect(seen.again).toBe(table(...web('wrr', 0, 3, 2), ...edited))
    expect(seen.checkKilled).toBe(table(...web('wrr', 0, 0, 2), ...edited))
    expect(seen.takenBack).toBe(table(...web('wrr', 3, 3), ...FOREIGN))

    expect(seen.counted).toBe(2)
    expect(seen.overrides).toMatchObject([
      {id: `lvs-${WEB}/tcp`, kind: 'service', instance: `${WEB}/tcp`, applies: true},
      {id: 'lvs-10.9.9.9:80/tcp', kind: 'service', applies: true},
    ])
    expect(seen.overrides[0]?.text).toMatch(/10\.9\.0\.1:80 .* drained since .*: disk; .*10\.9\.0\.3:80 .* weight 2/)
    // keepalived 2.2.7, measured: a reload without lvs_timeouts brings back those of before the start.
    expect(seen.timeouts).toEqual(['1234 120 300', '900 120 300'])
    expect(seen.refused).toMatch(/^REFUSED: this agent only observes/)
    expect(seen.observed).toBe(table(...FOREIGN.slice(0, 2), '-A -u 10.9.7.7:53 -s wlc', FOREIGN[2] ?? ''))
    expect(seen.flushed).toBe(table(...web('wrr', 3)))
    expect(seen.journal).toEqual(
      expect.arrayContaining([
        'services-updated: 2 services and 3 real servers added',
        'services-updated: 1 service changed, 1 service removed',
        'services-updated: at the end: 2 services removed',
        `operator: IPVS changed: ~ real server 10.9.0.1:80 of ${WEB}/tcp: weight 3 -> 0`,
      ]),
    )
  }, 160_000)

  it('has the kernel as it is wanted after a sudden end in a restore of 10,000 objects, and nothing else touched', async () => {
    const seen = await see<readonly Kill[]>('kills', 400_000)
    expect(seen.map(({who}) => who)).toEqual(['everything', 'everything', 'supervisor', 'check', 'everything'])
    for (const {amiss, stopped} of seen) expect({amiss, stopped}).toEqual({amiss: [], stopped: table(...FOREIGN)})
    // What is configured and what others made are three services; the check process is another one at once.
    const inTheMiddle = seen.filter(({servicesThen}) => servicesThen > 3 && servicesThen < 2_003)
    expect(inTheMiddle.length).toBeGreaterThan(1)
  }, 410_000)

  // keepalived 2.2.7, measured in the same way: backup at the start and in fault, master as master, none at the end.
  it('has a sync daemon that follows the state of a virtual router', async () => {
    const seen = await see<Daemons>('daemons', 120_000)
    const daemon = (role: string): RegExp =>
      new RegExp(`^${role} sync daemon \\(mcast=eth0, syncid=9, maxlen=1400,.*\\n$`)
    expect(seen).toEqual({
      backup: expect.stringMatching(daemon('backup')),
      master: expect.stringMatching(daemon('master')),
      fault: expect.stringMatching(daemon('backup')),
      again: expect.stringMatching(daemon('master')),
      stopped: '',
    })
  }, 130_000)

  it('refuses an order when the disk is full, and changes nothing', async () => {
    const seen = await see<Disk>('disk', 90_000)
    expect(seen.refused).toMatch(/^FAILED: .*lvs\.json cannot be written, and nothing was changed: ENOSPC/)
    expect([seen.before, seen.after, seen.freed]).toEqual([
      table(...web('wrr', 3, 3)),
      table(...web('wrr', 3, 3)),
      table(...web('wrr', 0, 3)),
    ])
  }, 100_000)
})
