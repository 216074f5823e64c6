import type {Host} from '../../lab/host.ts'
import {withLab} from '../../lab/lab.ts'
import {guest} from '../../lab/uml/guest.ts'
import {sleep} from '../../lab/wait.ts'
import {established} from './connections.ts'
import {buildNetwork, FLAT_VIPS, flatAddress, type Network, namesOf, shell, Talk} from './network.ts'
import {lvs, rules} from './rules.ts'

/** What happened to an established connection when the VIP moved, with connection sync and without. */
export interface SyncAnswer {
  readonly with: MovePlay
  readonly without: MovePlay
}

export interface MovePlay {
  readonly server: string
  /** The real server of the connection as the second director knows it before the move. */
  readonly known: string | undefined
  readonly goesOn: boolean
  readonly unbroken: boolean
  /** Who answered new connections through the second director. */
  readonly afterwards: readonly string[]
}

/** A connection through the first director, while the VIP moves to the second. */
async function move(network: Network, {sync}: {readonly sync: boolean}): Promise<MovePlay> {
  const {client, director, otherDirector} = network
  for (const host of [director, otherDirector]) {
    await rules(host, `-A -t ${VIP}:80 -s rr`, ...[1, 2].map(n => `-a -t ${VIP}:80 -r ${flatAddress(n)}:80 -g -w 1`))
  }
  if (sync) {
    await lvs(otherDirector, ['sync', 'start', 'backup', '--interface', 'eth2', '--id', '7'])
    await lvs(director, ['sync', 'start', 'master', '--interface', 'eth2', '--id', '7'])
  }
  const talk = await Talk.start(client, VIP)
  const known = sync ? await awaitConnection(otherDirector) : await established(otherDirector, CONNECTION)
  await shell(director, `ip addr del ${VIP}/32 dev eth2`)
  await shell(otherDirector, `ip addr add ${VIP}/32 dev eth2`)
  await forgetNeighbours(client)
  const goesOn = await talk.goesOn()
  const {server, unbroken} = talk
  const afterwards = await namesOf(client, VIP, 4)
  if (goesOn) await talk.end()
  return {server, known, goesOn, unbroken, afterwards}
}

/** What an announcement of the VIP would do. */
async function forgetNeighbours(client: Host): Promise<void> {
  await shell(client, 'ip neigh flush dev eth1')
}

/** Waits, for some seconds, until a director knows the connection. */
async function awaitConnection(director: Host): Promise<string | undefined> {
  const giveUpAt = performance.now() + 10_000
  for (;;) {
    const real = await established(director, CONNECTION)
    if (real !== undefined || performance.now() > giveUpAt) return real
    await sleep(50)
  }
}

const VIP = FLAT_VIPS.dr
const CONNECTION = {client: '10.3.0.10', virtual: VIP}

guest<null, SyncAnswer>(() =>
  withLab(async lab => {
    const network = await buildNetwork(lab, 2)
    const without = await move(network, {sync: false})
    await shell(network.otherDirector, `ip addr del ${VIP}/32 dev eth2`)
    await shell(network.director, `ip addr add ${VIP}/32 dev eth2`)
    await forgetNeighbours(network.client)
    return {without, with: await move(network, {sync: true})}
  }),
)
