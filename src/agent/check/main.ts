import type {FromCheck, ToCheck} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'
import {OwnProcess} from '../own-process.ts'

const lag = measureLoopLag()
// What it writes is a line of the agent's log.
const ownProcess = new OwnProcess({hasty: false, complain: text => process.stderr.write(`${text}\n`)})
const channel = new ChildChannel<ToCheck, FromCheck>({
  onMessage(message) {
    if (message.type === 'ping') channel.send({type: 'pong', n: message.n, lag: lag()})
    else if (message.type === 'process') ownProcess.apply(message.settings)
    else process.exit(0)
  },
  onClosed: () => process.exit(0),
  onLost: () => {},
})
// The supervisor decides when to stop; a terminal's Ctrl-C reaches this process too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
