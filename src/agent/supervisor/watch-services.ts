import type {WatchedServices} from '../../control/watch-model.ts'
import type {ServicesTold} from '../channel.ts'

/** Services told a new reader in one line: 50 with 10 real servers each are about 150 kB. */
const SERVICES_A_LINE = 50

/** Every virtual service as the check process told it last, as JSON: it is passed on as it is. */
export class WatchedServiceTexts {
  readonly #texts = new Map<string, string>()
  #isWhole = false
  #problem: string | null = null
  #everyMs = 0

  /** Everything that there was has been told. */
  get isWhole(): boolean {
    return this.#isWhole
  }

  /** Nobody watches any more. */
  clear(): void {
    this.#texts.clear()
    this.#isWhole = false
  }

  /** Takes in what the check process told; answers the line of it for those who know the rest. */
  take({at, all, more, services, gone, problem, everyMs}: ServicesTold): string {
    if (all) this.clear()
    for (const {name, text} of services) this.#texts.set(name, text)
    for (const name of gone) this.#texts.delete(name)
    this.#problem = problem
    this.#everyMs = everyMs
    if (!more) this.#isWhole = true
    return servicesLine(
      {at, all, gone, problem, everyMs},
      services.map(({text}) => text),
    )
  }

  /** Nobody tells of services at present. Answers the line of it. */
  fail(at: string, problem: string): string {
    this.#problem = problem
    return servicesLine({at, all: false, gone: [], problem, everyMs: this.#everyMs}, [])
  }

  /** Lines that tell a new reader all there is; made one by one, so that each says what is when it is told. */
  *lines(): Generator<string> {
    const names = [...this.#texts.keys()]
    for (let start = 0; start === 0 || start < names.length; start += SERVICES_A_LINE) {
      const texts = names.slice(start, start + SERVICES_A_LINE).flatMap(name => this.#texts.get(name) ?? [])
      const at = new Date().toISOString()
      yield servicesLine({at, all: start === 0, gone: [], problem: this.#problem, everyMs: this.#everyMs}, texts)
    }
  }
}

type Head = Pick<WatchedServices, 'at' | 'all' | 'gone' | 'problem' | 'everyMs'>

/** A line of type `services`. */
function servicesLine({at, all, gone, problem, everyMs}: Head, texts: readonly string[]): string {
  const tail = JSON.stringify({gone, problem, everyMs})
  return `{"type":"services","at":"${at}","all":${all},"services":[${texts.join(',')}],${tail.slice(1)}`
}
