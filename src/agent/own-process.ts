import {after} from '../core/units.ts'
import {monotonicNow} from '../kernel/clock.ts'
import {ignoreSignal, type SystemResult, setThreadName} from '../kernel/libc.ts'
import {keepInMemory, releaseMemory} from '../kernel/memory.ts'
import {limitRealTime, runAmongOthers, runBeforeOthers, runOn, setNiceness} from '../kernel/scheduling.ts'

/** How a process of the agent runs. */
export interface ProcessSettings {
  /** What `ps -e` shows, 15 bytes. */
  readonly name: string
  /** -20..19. */
  readonly nice: number
  /** 1..99; undefined: none. `asked`: the configuration says so, and a refusal is worth a word. */
  readonly realTime: {readonly priority: number; readonly asked: boolean} | undefined
  /** Longest computation in real-time priority without waiting, microseconds. */
  readonly realTimeLimitUs: number
  /** Greatest real-time priority that the process takes by itself when it is late, 1..99; 0: none. */
  readonly greatestAutoPriority: number
  /** Lateness that makes it take more, milliseconds. */
  readonly autoPriorityDelayMs: number
  /** Numbers of the processors to run on; none: all. */
  readonly processors: readonly number[]
  readonly keepInMemory: boolean
}

/** keepalived's signal for a dump in JSON, which would end a program that does not know it: SIGRTMIN + 2. */
export const JSON_DUMP_SIGNAL = 36

/** How often the loop is looked at for lateness, milliseconds; only where `max_auto_priority` asks for it. */
const LOOK_EVERY_MS = 100

/** A child of the agent as the scheduler sees it. What the kernel refuses is told once a load, and lived with. */
export class OwnProcess {
  readonly #complain: (text: string) => void
  #settings: ProcessSettings | undefined
  #realTimePriority: number
  #realTimeLimitUs: number | undefined
  #timer: NodeJS.Timeout | undefined
  #due = monotonicNow()

  /** `hasty`: before any settings come, the process runs before every ordinary one. */
  constructor({hasty, complain}: {readonly hasty: boolean; readonly complain: (text: string) => void}) {
    this.#complain = complain
    // Where it is not permitted, a loaded machine delays advertisements as it delays everybody's work.
    this.#realTimePriority = hasty && runBeforeOthers().ok ? 1 : 0
    // They mean nothing here, and would end the process, or open Node's debugger.
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => {})
    ignoreSignal(JSON_DUMP_SIGNAL)
  }

  /** Runs as the settings say from now on; what it took by itself when it was late is given back. */
  apply(settings: ProcessSettings): void {
    const before = this.#settings
    this.#settings = settings
    setThreadName(settings.name)
    if (settings.processors.join() !== (before?.processors.join() ?? '')) {
      const processors = settings.processors.join(', ') || 'all'
      this.#tell(`to run on processors ${processors}`, runOn(settings.processors), 'that there are such processors')
    }
    if (settings.nice !== (before?.nice ?? 0)) {
      this.#tell(`to run with nice value ${settings.nice}`, setNiceness(settings.nice), 'CAP_SYS_NICE')
    }
    this.#setRealTime(settings)
    if (settings.keepInMemory !== (before?.keepInMemory ?? false)) {
      const result = settings.keepInMemory ? keepInMemory() : releaseMemory()
      this.#tell('to stay in memory', result, 'CAP_IPC_LOCK, or LimitMEMLOCK=infinity')
    }
    clearInterval(this.#timer)
    if (settings.greatestAutoPriority === 0) return
    this.#due = after(monotonicNow(), LOOK_EVERY_MS)
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  #setRealTime({realTime, realTimeLimitUs}: ProcessSettings): void {
    if (realTimeLimitUs !== this.#realTimeLimitUs) {
      const limited = limitRealTime(realTimeLimitUs)
      if (limited.ok) this.#realTimeLimitUs = realTimeLimitUs
      this.#tell(`to compute ${realTimeLimitUs} us at most in real-time priority`, limited, 'CAP_SYS_RESOURCE')
    }
    if (realTime === undefined) {
      if (this.#realTimePriority > 0) this.#tell('to run in ordinary priority', runAmongOthers(), 'CAP_SYS_NICE')
      this.#realTimePriority = 0
      return
    }
    const {priority, asked} = realTime
    const result = runBeforeOthers(priority)
    if (result.ok) this.#realTimePriority = priority
    if (asked) this.#tell(`to run with real-time priority ${priority}`, result, 'CAP_SYS_NICE')
  }

  /** keepalived.conf(5), max_auto_priority: every lateness is answered with one step more. */
  #look(): void {
    const now = monotonicNow()
    const lateMs = now - this.#due
    this.#due = after(now, LOOK_EVERY_MS)
    if (!this.#settings || lateMs < this.#settings.autoPriorityDelayMs) return
    const priority = this.#realTimePriority + 1
    if (priority > this.#settings.greatestAutoPriority) return
    const result = runBeforeOthers(priority)
    if (result.ok) {
      this.#realTimePriority = priority
      this.#complain(`it ran ${Math.round(lateMs)} ms late, and takes real-time priority ${priority}`)
    } else {
      clearInterval(this.#timer)
      this.#tell(`to run with real-time priority ${priority}`, result, 'CAP_SYS_NICE')
    }
  }

  #tell(what: string, result: SystemResult, needs: string): void {
    if (result.ok) return
    this.#complain(`the kernel does not permit this process ${what} (${result.reason}): it takes ${needs}`)
  }
}
