import {createReadStream} from 'node:fs'
import {isConnectionHeading, parseConnection} from '../core/ipvs/connection.ts'
import type {IpvsConnection} from '../core/ipvs/model.ts'
import {errorText, HactlError} from '../errors.ts'

/** Where the kernel lists the connections of the network namespace of this process. */
export const CONNECTIONS_PATH = '/proc/net/ip_vs_conn'

/**
 * Reads the list of connections piece by piece, in memory that does not grow with it. A line that cannot be read is
 * skipped and told of by `onSkipped`. Rejects with a HactlError where the list cannot be read.
 */
export async function* readConnections(path: string, onSkipped: () => void): AsyncGenerator<IpvsConnection> {
  for await (const line of readLines(path)) {
    if (line === '' || isConnectionHeading(line)) continue
    const read = line.length > MAX_LINE ? undefined : parseConnection(line)
    if (read?.ok) yield read.value
    else onSkipped()
  }
}

/** Far longer than a line with the data of a persistence engine. */
const MAX_LINE = 1_024
const PIECE_BYTES = 64 * 1_024

/** The lines of a file; of one that is too long, its beginning, which is longer than `MAX_LINE`. */
async function* readLines(path: string): AsyncGenerator<string> {
  let rest = ''
  try {
    // Data of a persistence engine may be any bytes.
    for await (const piece of createReadStream(path, {encoding: 'latin1', highWaterMark: PIECE_BYTES})) {
      const lines = (rest + String(piece)).split('\n')
      const last = lines.pop() ?? ''
      yield* lines
      rest = last.length > MAX_LINE ? last.slice(0, MAX_LINE + 1) : last
    }
  } catch (error) {
    throw new HactlError('FAILED', `the connections of IPVS cannot be read: ${errorText(error)}`, undefined, {
      cause: error,
    })
  }
  if (rest !== '') yield rest
}
