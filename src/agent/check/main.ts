import {CHECK_ROUTES} from '../../control/check-routes.ts'
import type {LvsService} from '../../control/lvs-model.ts'
import {LVS_ROUTES} from '../../control/lvs-routes.ts'
import type {CheckHandlers, Observed} from '../../control/routes.ts'
import {JournalRateLimit} from '../../core/journal/rate-limit.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import type {IpvsMetrics} from '../../core/metrics/ipvs-metrics.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import {Ipvs} from '../../kernel/ipvs.ts'
import {probe} from '../../probe/probe.ts'
import type {CheckCallName, FromCheck, ToCheck} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {OwnProcess} from '../own-process.ts'
import {answerCall} from './calls.ts'
import {Checks} from './checks.ts'
import {isPauseId} from './checks-pauses.ts'
import {packIpvsMetrics} from './ipvs-metrics.ts'
import {Lvs, type LvsCallName} from './lvs.ts'
import {OverrideList} from './override-list.ts'
import {Programs} from './programs.ts'
import {WatchFeed} from './watch-feed.ts'

const lag = measureLoopLag()
// What it writes is a line of the agent's log.
const ownProcess = new OwnProcess({hasty: false, complain: text => process.stderr.write(`${text}\n`)})
const rateLimit = new JournalRateLimit()
const sendJournal = (entry: JournalEntry): void => channel.send({type: 'journal', entries: [entry]})
const journal = (entry: JournalEntry): void => {
  const admitted = rateLimit.admit(entry, monotonicNow())
  if (admitted) sendJournal(admitted)
}
const overrides = new OverrideList(message => channel.send(message))
const lvs = new Lvs({
  open: () => Ipvs.open(),
  tell: message => (message.type === 'overrides' ? overrides.useLvs(message) : channel.send(message)),
  journal,
})
const programs = new Programs(question => channel.send(question))
const checks = new Checks({
  probe,
  run: (plan, signal) => programs.run(plan, signal),
  follow: async (standings, changed) => {
    await lvs.useStandings(standings, changed)
    feed.mark(changed)
  },
  onSeen: services => feed.mark(services),
  tell: news => channel.send({type: 'check-news', news}),
  // It is held to an amount already: of one kind there may be many at a time.
  journal: sendJournal,
  tellOverrides: pauses => overrides.useChecks(pauses),
})
const feed = new WatchFeed({
  look: ids => lvs.look(ids),
  servers: () => checks.servers,
  tell: message => channel.send(message),
})
const channel = new ChildChannel<ToCheck, FromCheck>({
  onMessage: message => handle(message),
  // What the kernel has stays: the next agent knows what of it is ours, and connections go on meanwhile.
  onClosed: () => process.exit(0),
  onLost: () => feed.startAnew(),
})
// The supervisor decides when to stop; a terminal's Ctrl-C reaches this process too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

function handle(message: ToCheck): void {
  switch (message.type) {
    case 'ping':
      channel.send({type: 'pong', n: message.n, lag: lag()})
      return
    case 'process':
      ownProcess.apply(message.settings)
      return
    case 'configure':
      void configure(message)
      return
    case 'file':
      checks.fileChanged(message.name, message.value)
      return
    case 'ran':
      programs.ran(message.n, message.result)
      return
    case 'daemons':
      void lvs.useDaemons(message.daemons)
      return
    case 'call':
      void answerCall(message, call).then(answer => channel.send(answer))
      return
    case 'watch':
      feed.watch(message.on)
      return
    case 'watched':
      feed.taken()
      return
    case 'stop':
      void stop()
  }
}

async function configure({n, settings}: Extract<ToCheck, {type: 'configure'}>): Promise<void> {
  const {checks: plan, files, stateDirectory, observing} = settings
  const standings = checks.configure(plan, {stateDirectory, observing, files})
  await lvs.configure(settings, standings)
  feed.configured()
  channel.send({type: 'configured', n})
}

function call(name: CheckCallName, input: object): Promise<unknown> {
  if (name === 'cancelOverride') {
    return 'id' in input && isPauseId(String(input.id)) ? checks.call(name, input) : orderLvs(name, input)
  }
  if (name === 'ipvsMetrics') return ipvsMetrics()
  return isChecksCall(name) ? checks.call(name, input) : orderLvs(name, input)
}

/** What an order does is seen at once by whoever watches. */
async function orderLvs(name: LvsCallName, input: object): Promise<unknown> {
  try {
    return await lvs.call(name, input)
  } finally {
    if (name === 'cancelOverride' || LVS_ROUTES[name].access === 'write') feed.lookSoon()
  }
}

async function ipvsMetrics(): Promise<Observed<IpvsMetrics>> {
  const {observedAt, value} = await lvs.call('lvsServices', {})
  return {observedAt, value: packIpvsMetrics(value as readonly LvsService[])}
}

function isChecksCall(name: CheckCallName): name is keyof CheckHandlers | 'checkMetrics' {
  return name === 'checkMetrics' || name in CHECK_ROUTES
}

async function stop(): Promise<void> {
  // What is told of the end comes before IPVS is emptied, which may take its time.
  feed.watch(false)
  checks.stop()
  try {
    await lvs.stop()
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`)
  }
  channel.close()
  process.exit(0)
}
