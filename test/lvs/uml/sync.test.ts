import {join} from 'node:path'
import {beforeAll, expect, it} from 'vitest'
import {labSuite} from '../../lab/lab-suite.ts'
import {runInUml} from '../../lab/uml/uml.ts'
import {flatAddress} from './network.ts'
import type {SyncAnswer} from './sync-guest.ts'

labSuite('connection sync between two directors', ['uml', 'ipvsadm'], () => {
  let seen: SyncAnswer
  beforeAll(async () => {
    seen = await runInUml({guest: join(import.meta.dirname, 'sync-guest.ts'), timeoutMs: 240_000})
  }, 250_000)

  it('puts a connection into the table of the backup', () => {
    const {server, known} = seen.with
    expect(known).toBe(flatAddress(Number(server.slice(1))))
    expect(seen.without.known).toBeUndefined()
  })

  it('lets an established connection go on when the VIP moves; without it the connection ends', () => {
    expect(seen.with).toMatchObject({goesOn: true, unbroken: true})
    expect(seen.without).toMatchObject({goesOn: false})
  })

  it.each(['with', 'without'] as const)('the second director serves new connections, %s sync', which => {
    expect(new Set(seen[which].afterwards)).toEqual(new Set(['s1', 's2']))
  })
})
