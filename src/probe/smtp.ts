import type {ProbePlan} from '../core/check/plan.ts'
import type {ProbeResult} from '../core/check/result.ts'
import {type Attempt, attempt} from './attempt.ts'
import {errorAtEnd, printable} from './connect.ts'
import type {ProbeOptions} from './probe.ts'

/**
 * SMTP_CHECK: good when the server greets with 220, takes a HELO with 250, and answers QUIT or closes after it. RFC
 * 5321 section 3. Never rejects.
 */
export function probeSmtp(
  {connection, heloName}: Extract<ProbePlan, {type: 'smtp'}>,
  options: ProbeOptions,
): Promise<ProbeResult> {
  const begin = (attempt: Attempt): undefined => {
    attempt.socket.once('connect', () => attempt.say('connected'))
    converse(attempt, heloName)
  }
  return attempt({connection, begin}, options)
}

function converse({socket, say, succeed, fail}: Attempt, heloName: string): void {
  let pending = ''
  let lines = 0
  let step = 0
  const takeLine = (line: string): void => {
    say(`< ${printable(line, MOST_LINE_CHARACTERS)}`)
    const {wanted, request} = STEPS[step] ?? LAST
    // All lines of one reply have its code, and all but the last a hyphen after it. RFC 5321 section 4.2.1
    if (wanted !== undefined && !(line.startsWith(wanted) && /^\d{3}(?:[ -]|$)/.test(line))) {
      fail(`"${printable(line, MOST_REASON_CHARACTERS)}" where ${wanted} is wanted`)
      return
    }
    if (line[3] === '-') return
    if (request === undefined) {
      succeed('220, 250')
      return
    }
    step++
    const text = request(heloName)
    say(`> ${text}`)
    socket.write(`${text}\r\n`, 'latin1')
  }
  socket.on('data', bytes => {
    pending += bytes.toString('latin1')
    for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).replace(/\r$/, '')
      pending = pending.slice(end + 1)
      if (++lines > MOST_LINES) fail(`more than ${MOST_LINES} lines`)
      if (!socket.destroyed) takeLine(line)
      if (socket.destroyed) return
    }
    if (pending.length > MOST_LINE_BYTES) fail(`a line of more than ${MOST_LINE_BYTES} bytes`)
  })
  socket.on('end', () => {
    const error = errorAtEnd(socket)
    if (error !== undefined) fail(error)
    else if (step === STEPS.length) succeed('220, 250')
    else fail(step === 0 && lines === 0 ? 'closed before it answered' : `closed where ${STEPS[step]?.wanted} is wanted`)
  })
}

interface Step {
  /** The code that is good; undefined: any. */
  readonly wanted: string | undefined
  /** What is said then; undefined: nothing more. */
  readonly request: ((heloName: string) => string) | undefined
}

const STEPS: readonly Step[] = [
  {wanted: '220', request: heloName => `HELO ${heloName.replace(/[^!-~]/g, '')}`},
  {wanted: '250', request: () => 'QUIT'},
]
/** keepalived asks nothing of the answer to QUIT. */
const LAST: Step = {wanted: undefined, request: undefined}

const MOST_LINES = 100
const MOST_LINE_BYTES = 4096
const MOST_LINE_CHARACTERS = 1000
const MOST_REASON_CHARACTERS = 80
