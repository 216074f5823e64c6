import type {Writable} from 'node:stream'

/** Standard output and standard error. What cannot be written is lost, as with ipvsadm(8). */
export class Output {
  readonly #stdout: Writable
  readonly #stderr: Writable

  constructor(stdout: Writable, stderr: Writable) {
    this.#stdout = stdout
    this.#stderr = stderr
  }

  /** Resolves when the reader has it, so that what is printed does not pile up in memory. */
  print(text: string): Promise<void> {
    return written(this.#stdout, text)
  }

  complain(text: string): Promise<void> {
    return written(this.#stderr, text)
  }
}

async function written(stream: Writable, text: string): Promise<void> {
  if (text === '') return
  await new Promise<void>(resolve => {
    stream.write(text, () => resolve())
  })
}
