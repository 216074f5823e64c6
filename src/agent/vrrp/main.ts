import type {MonotonicMs} from '../../core/units.ts'
import {errorText} from '../../errors.ts'
import {AddressChanger} from '../../kernel/addresses.ts'
import {ArpSender} from '../../kernel/arp-sender.ts'
import {Network} from '../../kernel/network.ts'
import {runBeforeOthers} from '../../kernel/scheduling.ts'
import {SharpTimer} from '../../kernel/sharp-timer.ts'
import type {FromVrrp, ToVrrp} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {Announcer} from './announcer.ts'
import {Director} from './director.ts'
import {InterfaceSockets} from './interface-sockets.ts'
import {Reporter} from './reporter.ts'

/** Faults whose end nobody announces, such as a socket that could not be opened, are looked at this often, ms. */
const RETRY_FAULTS_EVERY_MS = 1_000
/** A kernel that does not answer must not keep the process from ending, milliseconds. */
const WITHDRAW_WITHIN_MS = 1_000

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

// Where it is not permitted, a loaded machine delays advertisements as it delays everybody's work.
runBeforeOthers()
void start()

async function start(): Promise<void> {
  const sockets = new InterfaceSockets({
    onPacket: (interfaceName, packet) => director?.packetReceived(interfaceName, packet),
    onLost: (interfaceName, reason) => director?.socketLost(interfaceName, reason),
    onThrown: (interfaceName, error) => complain(`a packet on ${interfaceName}: ${errorText(error)}`),
  })
  const network = await Network.open({
    onChange: () => director?.networkChanged(),
    onError: reason => complain(`network monitor: ${reason}`),
  })
  const kernel = {network, sockets, addresses: AddressChanger.open(), announcer: new Announcer(ArpSender.open())}
  if (leaving) return
  director = new Director(kernel, {
    onJournal: entry => reporter.journal(entry),
    onRouterChanged: (router, urgent) => reporter.changed(router, urgent),
    onDeadline: arm,
  })
  setInterval(() => director?.retryFaults(), RETRY_FAULTS_EVERY_MS)
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
  if (!director) {
    if (message.type === 'stop') void leave('asked to stop')
    else waiting.push(message)
    return
  }
  switch (message.type) {
    case 'configure':
      configuring = configuring.then(() => configure(message))
      return
    case 'tracker':
      director.trackerChanged(message.tracker)
      return
    case 'stop':
      void leave('asked to stop')
  }
}

/** One configuration after the other: the kernel's answers to one must not meet the next. */
async function configure(message: Extract<ToVrrp, {type: 'configure'}>): Promise<void> {
  try {
    await director?.configure(message)
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
