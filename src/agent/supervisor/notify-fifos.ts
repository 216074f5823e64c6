import type {Command, GlobalConfig} from '../../config/config.ts'
import {Fifo, type FifoSettings} from './fifo.ts'
import {FifoReader} from './fifo-reader.ts'
import type {Note} from './notify-note.ts'
import type {ScriptPolicy} from './start-script.ts'

/** What a pipe is told of. */
export type FifoTopic = 'vrrp' | 'lvs'

interface Wanted {
  readonly settings: FifoSettings
  readonly topics: readonly FifoTopic[]
  readonly script: Command | undefined
  readonly policy: ScriptPolicy
}

interface Held {
  /** What it was made from, to find out whether a reload changed it. */
  readonly signature: string
  readonly topics: readonly FifoTopic[]
  readonly fifo: Fifo
  readonly reader: FifoReader | undefined
}

const TOPICS: readonly FifoTopic[] = ['vrrp', 'lvs']

/** `notify_fifo`, `vrrp_notify_fifo` and `lvs_notify_fifo` with their scripts. */
export class NotifyFifos {
  readonly #note: Note
  #held: readonly Held[] = []

  constructor(note: Note) {
    this.#note = note
  }

  /** Opens what is wanted; pipes that stay as they are stay open, and their readers notice nothing. */
  configure(global: GlobalConfig): void {
    const wanted = new Map(wantedFifos(global).map(fifo => [JSON.stringify(fifo), fifo]))
    const kept = this.#held.filter(({signature, fifo}) => wanted.has(signature) && fifo.isOpen)
    const gone = this.#held.filter(held => !kept.includes(held))
    // First, since the new one may have the path of an old one.
    for (const held of gone) void end(held)
    const present = new Set(kept.map(({signature}) => signature))
    const added = [...wanted].flatMap(([signature, fifo]) =>
      present.has(signature) ? [] : this.#open(signature, fifo),
    )
    this.#held = [...kept, ...added]
  }

  /** Writes a line to every pipe of that topic. */
  write(topic: FifoTopic, line: string, options?: {readonly expendable?: boolean}): void {
    for (const {fifo, topics} of this.#held) if (topics.includes(topic)) fifo.write(line, options)
  }

  /** Closes all pipes; resolves when their scripts have ended. */
  async close(): Promise<void> {
    const held = this.#held
    this.#held = []
    await Promise.all(held.map(end))
  }

  #open(signature: string, {settings, topics, script, policy}: Wanted): Held {
    const fifo = new Fifo(settings, this.#note)
    fifo.open()
    const what = `${settings.what}_script`
    const reader = script && new FifoReader({what, command: script, path: settings.path}, policy, this.#note)
    if (fifo.isOpen) reader?.start()
    return {signature, topics, fifo, reader}
  }
}

async function end({fifo, reader}: Held): Promise<void> {
  fifo.close()
  await reader?.stop()
}

/** In the order in which keepalived opens them; a path that is named twice is one pipe, the first one's. */
function wantedFifos(global: GlobalConfig): readonly Wanted[] {
  const {scriptUser, enableScriptSecurity} = global
  const lines = [
    {what: 'notify_fifo', fifo: global.notifyFifo, topics: TOPICS, script: global.notifyFifoScript},
    {what: 'vrrp_notify_fifo', fifo: global.vrrpNotifyFifo, topics: ['vrrp'], script: global.vrrpNotifyFifoScript},
    {what: 'lvs_notify_fifo', fifo: global.lvsNotifyFifo, topics: ['lvs'], script: global.lvsNotifyFifoScript},
  ] as const
  const byPath = new Map<string, Wanted>()
  for (const {what, fifo, topics, script} of lines) {
    if (!fifo) continue
    const {path, owner} = fifo
    const before = byPath.get(path)
    byPath.set(path, {
      settings: before?.settings ?? {what, path, owner, mode: 0o644 & ~global.umask},
      topics: TOPICS.filter(topic => before?.topics.includes(topic) || topics.some(own => own === topic)),
      script: before?.script ?? script,
      policy: {scriptUser, enableScriptSecurity},
    })
  }
  return [...byPath.values()]
}
