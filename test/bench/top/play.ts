import {agentClient} from '../../../src/control/client.ts'
import {AGENT_SOCKET, type Daemon} from '../../lab/daemon.ts'
import {withLab} from '../../lab/lab.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import {sleep} from '../../lab/wait.ts'
import {usageOf} from '../vrrp/cost.ts'
import {
  backupRouterOf,
  type Cluster,
  createCluster,
  routerName,
  routerPriority,
  startChangingServers,
} from './cluster.ts'
import {DashboardRun} from './dashboard.ts'
import type {AgentFigures, Figures, Play} from './figures.ts'
import {pressKeys, showsAll} from './keys.ts'

/** Elections, the first checks, and their retries. */
const SETTLE_MS = 20_000
/** The first pictures and what they cost are not what an open dashboard costs. */
const SETTLE_DASHBOARD_MS = 10_000
/** A priority changes on one node after the other, this often. */
const CHANGE_EVERY_MS = 1_000
/** Real servers go and come, one in a hundred. */
const TOGGLE_EVERY_MS = 10_000
const COLUMNS = 160
const ROWS = 50

/** Three agents, a dashboard, and changes all the time; measured here, or in the machine that this runs in. */
export const playTop = (play: Play): Promise<Figures> =>
  withLab(async lab => {
    const cluster = await createCluster(lab, play.size)
    await sleep(SETTLE_MS)
    const changes = beginChanges(cluster)
    try {
      return await measure(cluster, play)
    } finally {
      await changes.end()
    }
  })

async function measure(cluster: Cluster, {seconds, rounds}: Play): Promise<Figures> {
  const before = await cpuOf(cluster.agents, seconds)
  const startedMs = performance.now()
  const dashboard = new DashboardRun(cluster.agents.map(nodeOf), {columns: COLUMNS, rows: ROWS})
  try {
    await dashboard.waitFor('everything', screen => showsAll(screen, cluster.size))
    const startMs = performance.now() - startedMs
    await sleep(SETTLE_DASHBOARD_MS)
    const [from, pieces, written] = [usageOf(dashboard.pids()), dashboard.pieces, dashboard.written]
    const watched = await cpuOf(cluster.agents, seconds)
    const to = usageOf(dashboard.pids())
    const spanSeconds = (to.atMs - from.atMs) / 1_000
    const perSecond = {
      piecesPerSecond: (dashboard.pieces - pieces) / spanSeconds,
      bytesPerSecond: (dashboard.written - written) / spanSeconds,
    }
    const keysMs = await pressKeys(dashboard, rounds)
    const withKeys = usageOf(dashboard.pids())
    const memory = dashboard.memory()
    const code = await dashboard.quit()
    if (code !== 0) throw new Error(`the dashboard ended with ${code}`)
    const after = await cpuOf(cluster.agents, seconds)
    const agents = watched.map((cpu, i): AgentFigures => ({without: [before[i] ?? 0, after[i] ?? 0], watched: cpu}))
    const [dashboardCpu, dashboardCpuWithKeys] = [percent(from, to), percent(to, withKeys)]
    return {dashboardCpu, dashboardCpuWithKeys, ...memory, keysMs, ...perSecond, startMs, agents}
  } finally {
    dashboard.kill()
  }
}

/** The CPU of each agent in the next seconds, percent of a core. */
async function cpuOf(agents: readonly Daemon[], seconds: number): Promise<readonly number[]> {
  const before = agents.map(({process}) => usageOf(process.tree()))
  await sleep(seconds * 1_000)
  return agents.map(({process}, i) => percent(before[i] ?? {atMs: 0, cpuSeconds: 0}, usageOf(process.tree())))
}

type Moment = Pick<ReturnType<typeof usageOf>, 'atMs' | 'cpuSeconds'>

const percent = (from: Moment, to: Moment): number =>
  ((to.cpuSeconds - from.cpuSeconds) / ((to.atMs - from.atMs) / 1_000)) * 100

/** The socket of an agent as this program can reach it. */
const socketOf = ({host}: Daemon): string => host.outside(AGENT_SOCKET)
const nodeOf = (agent: Daemon): string => `unix:${socketOf(agent)}`

/** Priorities change, real servers go and come, until told otherwise. */
function beginChanges({agents, servers}: Cluster): {readonly end: () => Promise<void>} {
  let isOver = false
  const priorities = async (): Promise<void> => {
    for (let turn = 0; !isOver; turn++) {
      const node = turn % agents.length
      const agent = agents[node] as Daemon
      const router = backupRouterOf(node)
      const priority = routerPriority(router, node) - (Math.floor(turn / agents.length) % 2)
      await agentClient({socket: socketOf(agent)}).setPriority({name: routerName(router), priority})
      await sleep(CHANGE_EVERY_MS)
    }
  }
  const reals = async (): Promise<void> => {
    let program: LabProcess | undefined
    for (let lastMs = performance.now(); !isOver; await sleep(200)) {
      if (performance.now() - lastMs < TOGGLE_EVERY_MS) continue
      lastMs = performance.now()
      if (program === undefined) program = await startChangingServers(servers)
      else {
        await program.stop()
        program = undefined
      }
    }
  }
  const done = Promise.all([priorities(), reals()])
  // Heard of when it ends.
  done.catch(() => {})
  return {
    end: async () => {
      isOver = true
      await done
    },
  }
}
