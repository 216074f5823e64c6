import type {FromCheck, ToCheck} from '../channel.ts'
import {ChildChannel} from '../child-channel.ts'
import {measureLoopLag} from '../loop-lag.ts'

const lag = measureLoopLag()
const channel = new ChildChannel<ToCheck, FromCheck>({
  onMessage(message) {
    if (message.type === 'ping') channel.send({type: 'pong', n: message.n, lag: lag()})
    else process.exit(0)
  },
  onClosed: () => process.exit(0),
  onLost: () => {},
})
// The supervisor decides when to stop; a terminal's Ctrl-C reaches this process too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
