import {ignoreSignal} from '../../kernel/libc.ts'
import {JSON_DUMP_SIGNAL} from '../own-process.ts'

/**
 * Answers the signals on which keepalived writes its state to files: nothing is written here, and a line tells where to
 * ask. Without this SIGUSR1 would open Node's debugger, and the others would end the agent. keepalived(8), SIGNALS
 */
export function answerDumpSignals(tell: (line: string) => void): void {
  process.on('SIGUSR1', () => tell('SIGUSR1 writes no file: for the state ask hactl vrrp show --json'))
  process.on('SIGUSR2', () => tell('SIGUSR2 writes no file: for the counters ask hactl vrrp stats --json'))
  // Node cannot listen to it.
  ignoreSignal(JSON_DUMP_SIGNAL)
}
