import {readFileSync, statSync} from 'node:fs'
import {LVS_ROUTES} from '../control/lvs-routes.ts'
import {errorText, HactlError} from '../errors.ts'
import {standardInput} from './config-source.ts'

/** What the text may have, bytes: JSON on its way to the agent makes it longer. */
const MAX_BYTES = LVS_ROUTES.restoreLvs.bodyBytes / 2

/** The text of a file with rules, or of standard input for `-`. Throws `HactlError`. */
export async function rulesIn(file: string): Promise<string> {
  const text = file === '-' ? await standardInput() : textOf(file)
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLong(file)
  return text
}

function textOf(file: string): string {
  try {
    if (statSync(file).size > MAX_BYTES) throw tooLong(file)
    // Given an encoding, Node takes half as much memory again.
    return readFileSync(file).toString()
  } catch (error) {
    if (error instanceof HactlError) throw error
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new HactlError('NOT_FOUND', `there is no file ${file}`)
    throw new HactlError('FAILED', `${file} cannot be read: ${errorText(error)}`)
  }
}

function tooLong(file: string): HactlError {
  return new HactlError('USAGE', `${file} has more than ${MAX_BYTES / (1024 * 1024)} MiB`, 'split it')
}
