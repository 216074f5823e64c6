import type {MonotonicMs} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import {SharpTimer} from '../../kernel/sharp-timer.ts'
import type {FromVrrp, ToVrrp, TrackerStanding} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {useNewSpace} from '../new-space.ts'
import {OwnProcess} from '../own-process.ts'
import {Director} from './director.ts'
import {openKernel} from './open-kernel.ts'
import type {SysctlKeeper} from './own-devices-sysctls.ts'
import {Reporter} from './reporter.ts'

/** What nobody announces is looked at this often, ms: a socket that could not be opened, a delay that is over. */
const LOOK_AGAIN_EVERY_MS = 1_000
/** A kernel that does not answer must not keep the process from ending, milliseconds. */
const WITHDRAW_WITHIN_MS = 4_000

useNewSpace()
const lag = measureLoopLag()
const channel = new ChildChannel<ToVrrp, FromVrrp>({
  onMessage,
  onClosed: () => void leave('the supervisor is gone'),
  onLost: count => {
    complain(`the supervisor did not read for a while: ${count} messages to it were lost`)
    if (director) reporter.flush()
  },
})
const waiting: ToVrrp[] = []
let director: Director | undefined
let sysctls: SysctlKeeper | undefined
let inherited = false
/** What trackers said since configurations were given that have not begun yet. */
const latecomers = new Set<TrackerStanding[]>()
let leaving = false
let configuring: Promise<void> = Promise.resolve()
let armedAt: MonotonicMs | undefined

const reporter = new Reporter(
  message => channel.send(message),
  () => director as Director,
)
const timer = new SharpTimer(() => {
  armedAt = undefined
  director?.clockAdvanced()
  const next = director?.nextDeadline()
  if (next !== undefined) arm(next)
})

// The supervisor decides when to stop; a terminal's Ctrl-C reaches this process too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('uncaughtException', error => {
  // The state may be broken: say why, end, and let the successor adopt what is there.
  process.stderr.write(`${error.stack ?? errorText(error)}\n`)
  process.exit(70)
})

const ownProcess = new OwnProcess({hasty: true, complain})
void start()

async function start(): Promise<void> {
  const kernel = await openKernel({
    onPacket: (device, packet) => director?.packetReceived(device, packet),
    onSocketLost: (device, reason) => director?.socketLost(device, reason),
    onNetworkChanged: how => director?.networkChanged(how),
    onRoutesDeleted: deletions => director?.routesDeleted(deletions),
    onRoutesDoubtful: () => director?.routesDoubtful(),
    onClaim: claim => director?.addressClaimed(claim),
    onDevices: devices => channel.send({type: 'devices', devices}),
    onSysctls: changed => channel.send({type: 'sysctls', changed}),
    onJournal: entry => reporter.journal(entry),
  })
  if (leaving) return
  sysctls = kernel.sysctls
  director = new Director(kernel, {
    onJournal: entry => reporter.journal(entry),
    onNews: news => reporter.news(news),
    onRouterChanged: (router, urgent) => reporter.changed(router, urgent),
    onDeadline: arm,
  })
  setInterval(() => director?.lookAgain(), LOOK_AGAIN_EVERY_MS)
  for (const message of waiting.splice(0)) onMessage(message)
}

function arm(at: MonotonicMs): void {
  if (armedAt !== undefined && armedAt <= at) return
  armedAt = at
  timer.arm(at)
}

function onMessage(message: ToVrrp): void {
  if (message.type === 'ping') {
    channel.send({type: 'pong', n: message.n, lag: lag()})
    return
  }
  if (message.type === 'process') {
    ownProcess.apply(message.settings)
    return
  }
  if (!director) {
    if (message.type === 'stop') void leave('asked to stop')
    else waiting.push(message)
    return
  }
  switch (message.type) {
    case 'configure': {
      const later: TrackerStanding[] = []
      latecomers.add(later)
      configuring = configuring.then(() => configure(message, later))
      return
    }
    case 'tracker':
      director.trackerChanged(message.tracker)
      // A configuration that still waits was made before this was known.
      for (const later of latecomers) later.push(message.tracker)
      return
    case 'take-over':
      director.takeOver(message.name)
      return
    case 'announce':
      director.announce(message.name, new Set(message.addresses))
      return
    case 'stop':
      void leave('asked to stop')
  }
}

/** One configuration after the other: the kernel's answers to one must not meet the next. */
async function configure(message: Extract<ToVrrp, {type: 'configure'}>, later: TrackerStanding[]): Promise<void> {
  try {
    // What an earlier run changed is looked at once; an observer changes nothing.
    if (!inherited && !message.observing) sysctls?.inherit(message.changedSysctls)
    inherited = true
    latecomers.delete(later)
    await director?.configure({...message, trackers: [...message.trackers, ...later]})
    reporter.flush()
    channel.send({type: 'configured', n: message.n})
  } catch (error) {
    complain(`configuration: ${errorText(error)}`)
  }
}

/** Withdraws everything, tells what became of it, and ends. */
async function leave(reason: string): Promise<void> {
  if (leaving) return
  leaving = true
  const bound = new Promise(resolve => setTimeout(resolve, WITHDRAW_WITHIN_MS))
  try {
    await Promise.race([director?.withdraw(), bound])
    if (director) reporter.flush()
  } catch (error) {
    process.stderr.write(`${reason}: ${errorText(error)}\n`)
  }
  reporter.close()
  channel.close()
  // Messages on their way out leave before the process does.
  setTimeout(() => process.exit(0), 20)
}

function complain(text: string): void {
  reporter.journal({at: new Date().toISOString(), kind: 'kernel-error', text, facts: {}})
}
