import {expect, test} from 'vitest'
import {HactlError} from '../../src/errors.ts'
import {directLvs} from '../../src/lvs/direct.ts'
import {MemoryTable} from './memory-table.ts'
import {real, service, serviceId} from './rules.ts'
import {WRONG_CALLS} from './wrong-calls.ts'

test.each(WRONG_CALLS)(
  '$call $input is refused with one line that tells what is permitted',
  async ({call, input, names}) => {
    const table = new MemoryTable()
    table.fill([
      {service: service(), destinations: [real(1)]},
      {service: service(serviceId(5060, 'udp')), destinations: []},
    ])
    const before = table.rules
    const failure = await (directLvs(async () => table)[call] as (input: unknown) => Promise<unknown>)(input).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(HactlError)
    const {code, message, hint} = failure as HactlError
    // The name of a scheduler is for the kernel to know.
    expect(code).toBe(message.includes('ip_vs_unknown') ? 'REFUSED' : 'USAGE')
    expect(message).not.toContain('\n')
    for (const name of names) expect(`${message}; ${hint}`).toContain(name)
    expect(table.rules).toEqual(before)
  },
)
