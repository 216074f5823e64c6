import {JournalRateLimit} from '../../core/journal/rate-limit.ts'
import type {JournalEntry} from '../../core/journal/record.ts'
import {errorText} from '../../errors.ts'
import {monotonicNow} from '../../kernel/clock.ts'
import {Ipvs} from '../../kernel/ipvs.ts'
import type {FromCheck, ToCheck} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {OwnProcess} from '../own-process.ts'
import {answerCall} from './calls.ts'
import {Lvs} from './lvs.ts'

const lag = measureLoopLag()
// What it writes is a line of the agent's log.
const ownProcess = new OwnProcess({hasty: false, complain: text => process.stderr.write(`${text}\n`)})
const rateLimit = new JournalRateLimit()
const journal = (entry: JournalEntry): void => {
  const admitted = rateLimit.admit(entry, monotonicNow())
  if (admitted) channel.send({type: 'journal', entries: [admitted]})
}
const lvs = new Lvs({open: () => Ipvs.open(), tell: message => channel.send(message), journal})
const channel = new ChildChannel<ToCheck, FromCheck>({
  onMessage: message => handle(message),
  // What the kernel has stays: the next agent knows what of it is ours, and connections go on meanwhile.
  onClosed: () => process.exit(0),
  onLost: () => {},
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
      void lvs.configure(message.settings).then(() => channel.send({type: 'configured', n: message.n}))
      return
    case 'daemons':
      void lvs.useDaemons(message.daemons)
      return
    case 'call':
      void answerCall(message, (name, input) => lvs.call(name, input)).then(answer => channel.send(answer))
      return
    case 'stop':
      void stop()
  }
}

async function stop(): Promise<void> {
  try {
    await lvs.stop()
  } catch (error) {
    process.stderr.write(`${errorText(error)}\n`)
  }
  channel.close()
  process.exit(0)
}
