import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type LvsState, NO_STATE} from '../../../src/agent/check/lvs-state.ts'
import {LvsStore} from '../../../src/agent/check/lvs-store.ts'
import {HactlError} from '../../../src/errors.ts'
import {real, service, serviceId} from '../../lvs/rules.ts'

const SINCE = '2026-01-31T08:05:09.123Z'

/** Something of everything that is kept. */
const STATE: LvsState = {
  services: [
    {
      since: SINCE,
      override: {
        id: serviceId(),
        service: service(),
        destinations: [
          {id: {address: real(1).address, port: 80}, destination: real(1), hold: undefined},
          {
            id: {address: real(2).address, port: 80},
            destination: undefined,
            hold: {type: 'drained', since: SINCE, reason: 'disk'},
          },
        ],
      },
      found: {id: serviceId(), service: service(), destinations: []},
    },
  ],
  timeouts: {since: SINCE, timeouts: {tcpSeconds: 100, tcpFinSeconds: 0, udpSeconds: 0}},
  daemons: [{since: SINCE, role: 'master', daemon: 'stopped'}],
  owned: new Map([['192.0.2.1:80/tcp', new Set(['192.0.2.1:80/tcp', '10.0.0.1:80'])]]),
  ownedDaemons: new Set(['backup']),
  timeoutsBefore: {tcpSeconds: 900, tcpFinSeconds: 120, udpSeconds: 300},
}

let directory: string
const path = (): string => join(directory, 'lvs.json')

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-lvs-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

function opened(): LvsStore {
  const store = new LvsStore()
  expect(store.open(directory)).toBeUndefined()
  return store
}

describe('what is kept of IPVS', () => {
  it('is there again in the next run', async () => {
    await opened().save(STATE)
    expect(opened().state).toEqual(STATE)
  })

  it('counts what was put into another kernel for nothing, and keeps what operators changed', async () => {
    await opened().save(STATE)
    const text = readFileSync(path(), 'utf8')
    expect(text).toContain('"type":"kernel"')
    writeFileSync(path(), text.replace(/"identity":"[^"]*"/, '"identity":"another boot"'))
    const {services, timeouts, daemons} = STATE
    expect(opened().state).toEqual({...NO_STATE, services, timeouts, daemons})
  })

  it('loses what is damaged and nothing else', async () => {
    await opened().save(STATE)
    const text = readFileSync(path(), 'utf8')
    writeFileSync(path(), text.replace('"weight":1', '"weight":-1'))
    const store = new LvsStore()
    expect(store.open(directory)).toBe(`${path()}: 1 damaged entries are left out`)
    expect(store.state).toEqual({...STATE, services: []})
  })

  it.each([
    ['no JSON', '{]'],
    ['no list', '{"type":"service"}'],
  ])('is set aside when it is %s', (_, text) => {
    writeFileSync(path(), text)
    const store = new LvsStore()
    expect(store.open(directory)).toMatch(/lvs\.json could not be used and was set aside: /)
    expect(store.state).toEqual(NO_STATE)
    expect(readFileSync(`${path()}.damaged`, 'utf8')).toBe(text)
  })

  it.each<[string, unknown]>([
    ['a role', {type: 'owned-daemon', role: 'chief'}],
    ['a timeout', {type: 'timeouts', since: SINCE, timeouts: {tcpSeconds: -1, tcpFinSeconds: 0, udpSeconds: 0}}],
    ['a time', {type: 'timeouts', since: 'soon', timeouts: STATE.timeouts?.timeouts}],
    ['a daemon of the other role', {type: 'daemon', since: SINCE, role: 'master', daemon: daemon('backup')}],
    ['an interface', {type: 'daemon', since: SINCE, role: 'backup', daemon: daemon('backup', 'e'.repeat(16))}],
    ['names', {type: 'owned', service: 'a', names: 'b'}],
    ['a kind', {type: 'other'}],
    ['an object', null],
  ])('leaves out what has not %s as it must be', (_, entry) => {
    const sound = {type: 'daemon', since: SINCE, role: 'backup', daemon: daemon('backup')}
    writeFileSync(path(), JSON.stringify([entry, sound]))
    const store = new LvsStore()
    expect(store.open(directory)).toMatch(/1 damaged entries/)
    expect(store.state).toMatchObject({daemons: [{role: 'backup'}], owned: new Map(), ownedDaemons: new Set()})
    expect(store.state.timeouts).toBeUndefined()
  })

  it('stays as it was when the disk refuses to take it', async () => {
    const store = opened()
    await store.save(STATE)
    rmSync(directory, {recursive: true})
    const failure = await store.save(NO_STATE).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(HactlError)
    expect(failure).toMatchObject({code: 'FAILED', message: expect.stringMatching(/cannot be written.*ENOENT/)})
    expect(store.state).toBe(STATE)
    expect(store.problem).toBeUndefined()
  })

  it('tells when the file is behind what is so, until it is written', async () => {
    const store = opened()
    rmSync(directory, {recursive: true})
    await store.follow(STATE)
    expect(store.state).toBe(STATE)
    expect(store.problem).toMatch(/lvs\.json: ENOENT/)
    mkdirSync(directory)
    await store.follow(STATE)
    expect(store.problem).toBeUndefined()
    expect(opened().state).toEqual(STATE)
  })
})

function daemon(role: 'master' | 'backup', device = 'eth0') {
  return {role, interface: device, syncId: 0}
}
