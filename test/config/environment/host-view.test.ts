import {chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {namesToLookUp} from '../../../src/config/environment/names.ts'
import {type HostScope, readHost} from '../../../src/config/host-view.ts'
import {lookUpNames} from '../../../src/config/name-lookup.ts'
import {parse} from '../support.ts'
import {hostAddress} from './host-support.ts'

const scope: HostScope = parse('').config
const LOOPBACK = hostAddress('127.0.0.1/8')

let directory = ''
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'hactl-host-')))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

describe('this host', () => {
  it('has a loopback interface with its address', () => {
    const host = readHost(scope)
    const found = host.interface('lo')
    expect(found).not.toBe('absent')
    // In an empty network namespace it is down, and has no address.
    const up = typeof found === 'object' && found.running === true
    expect(host.holderOf(LOOPBACK.address)).toBe(up ? 'lo' : undefined)
    if (up) expect(found).toMatchObject({addresses: expect.arrayContaining([LOOPBACK])})
  })

  it('lacks an interface that nobody makes', () => {
    expect(readHost(scope).interface('hactl-none0')).toBe('absent')
  })

  it('tells nothing of the interfaces of another namespace', () => {
    const other = {...scope, netNamespace: 'hactl-none'}
    expect(readHost(other).interface('lo')).toBe('unknown')
    expect(readHost(other).namespace('hactl-none')).toBe(false)
  })

  it('tells what a file is, and who may do what with it', () => {
    const path = join(directory, 'x')
    writeFileSync(path, '')
    chmodSync(path, 0o640)
    mkdirSync(join(directory, 'd'))
    symlinkSync(path, join(directory, 'link'))
    const host = readHost(scope)
    expect(host.file(path)).toMatchObject({kind: 'file', mode: 0o640, uid: process.getuid?.()})
    expect(host.file(join(directory, 'd'))).toMatchObject({kind: 'directory'})
    expect(host.file(join(directory, 'link'))).toMatchObject({kind: 'file'})
    expect(host.realPath(join(directory, 'link'))).toBe(path)
    expect(host.file(join(directory, 'none'))).toBe('absent')
    expect(host.file(join(path, 'below-a-file'))).toBe('absent')
  })

  it('knows root, and not whom there is not', () => {
    const host = readHost(scope)
    expect(host.user('root')).toMatchObject({uid: 0})
    expect(host.group('root')).toBe(0)
    expect(['absent', 'unknown']).toContain(host.user('hactl-none'))
    expect(['absent', 'unknown']).toContain(host.group('hactl-none'))
  })

  it('reads the tables of iproute2 where the configuration says', () => {
    writeFileSync(join(directory, 'rt_tables'), '# comment\n7 blue\n0x10\tred # another\n')
    const {global} = parse(`global_defs {\n iproute_etc_dir ${directory}\n iproute_usr_dir ${directory}\n}\n`).config
    const host = readHost({...scope, global})
    expect(host.routingNumber('table', 'blue')).toBe(7)
    expect(host.routingNumber('table', 'red')).toBe(16)
    expect(host.routingNumber('table', 'hactl-none')).toBe('absent')
  })

  it('reads a sysctl', () => {
    const host = readHost(scope)
    expect(host.sysctl('kernel/ostype')).toBe('Linux')
    expect(host.sysctl('kernel/hactl_none')).toBe('absent')
  })

  it('tells nothing of names that were not looked up', () => {
    const host = readHost(scope, new Map([['a.net', false]]))
    expect(host.resolves('a.net')).toBe(false)
    expect(host.resolves('b.net')).toBe('unknown')
  })
})

describe('looking names up', () => {
  it('is for those that are no address', () => {
    const names = (server: string) => namesToLookUp(parse(`global_defs {\n smtp_server ${server}\n}\n`).config)
    expect(names('mail.here.net')).toEqual(['mail.here.net'])
    expect(names('10.0.0.9')).toEqual([])
    expect(names('fe80::9')).toEqual([])
    expect(namesToLookUp(parse('').config)).toEqual([])
  })

  it('finds this host', async () => {
    expect(await lookUpNames(['localhost'])).toEqual(new Map([['localhost', true]]))
  })

  it('ends in time', async () => {
    const started = performance.now()
    const [answer] = [...(await lookUpNames(['hactl-none.invalid'], 50)).values()]
    expect([false, 'unknown']).toContain(answer)
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
