import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type NewOverride, Overrides} from '../../../src/agent/supervisor/overrides.ts'
import {parseConfig} from '../../../src/config/parse.ts'
import {type RouterConfig, routersOf} from '../../../src/config/router-config.ts'

const CONFIGURED: readonly RouterConfig[] = routersOf(
  parseConfig({
    file: 'a.conf',
    text: ['VI_1', 'VI_2']
      .map(
        (name, i) => `vrrp_instance ${name} {\ninterface eth0\nvirtual_router_id ${i + 1}\npriority 100
          virtual_ipaddress {\n10.0.${i}.1/24\n10.0.${i}.2/24\n}\n}`,
      )
      .join('\n'),
  }).config,
)

let directory: string
const path = (): string => join(directory, 'overrides.json')
const kinds = (overrides: Overrides): readonly string[] => overrides.list.map(({id, kind}) => `${id} ${kind}`)
const given = (fields: Partial<NewOverride> & Pick<NewOverride, 'kind'>): NewOverride => ({
  instance: 'VI_1',
  until: null,
  ...fields,
})

function opened(): Overrides {
  const overrides = new Overrides(directory)
  expect(overrides.open()).toBeUndefined()
  return overrides
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hactl-overrides-'))
})
afterEach(() => rmSync(directory, {recursive: true, force: true}))

describe('overrides', () => {
  it('are there again in the next run, and numbers are not used twice', () => {
    const first = opened()
    first.add(given({kind: 'priority', priority: 150}))
    const gone = first.add(given({kind: 'release', reason: 'disk'}))
    first.remove(({id}) => id === gone.id)
    expect(first.add(given({kind: 'maintenance', instance: null})).id).toBe('3')
    expect(opened().list).toEqual(first.list)
    expect(kinds(opened())).toEqual(['1 priority', '3 maintenance'])
  })

  it.each<[string, NewOverride, NewOverride, readonly string[]]>([
    ['priority', given({kind: 'priority', priority: 150}), given({kind: 'takeover', priority: 160}), ['2 takeover']],
    ['release', given({kind: 'release'}), given({kind: 'release', reason: 'disk'}), ['2 release']],
    [
      'address',
      given({kind: 'vip-removed', address: '10.0.0.1/24'}),
      given({kind: 'vip-added', address: '10.0.0.1/24', line: '10.0.0.1/24'}),
      ['2 vip-added'],
    ],
    [
      'address beside another',
      given({kind: 'vip-removed', address: '10.0.0.1/24'}),
      given({kind: 'vip-removed', address: '10.0.0.2/24'}),
      ['1 vip-removed', '2 vip-removed'],
    ],
    [
      'priority of another router',
      given({kind: 'priority', priority: 150}),
      given({kind: 'priority', priority: 150, instance: 'VI_2'}),
      ['1 priority', '2 priority'],
    ],
  ])('a newer %s', (_, older, newer, left) => {
    const overrides = opened()
    overrides.add(older)
    overrides.add(newer)
    expect(kinds(overrides)).toEqual(left)
  })

  it('are undone without what came since', () => {
    const overrides = opened()
    overrides.add(given({kind: 'takeover', priority: 160}))
    overrides.add(given({kind: 'priority', priority: 120, instance: 'VI_2'}))
    const change = overrides.change([given({kind: 'release'})], ({kind}) => kind === 'takeover')
    expect(kinds(overrides)).toEqual(['2 priority', '3 release'])
    overrides.add(given({kind: 'activated'}))
    overrides.remove(({id}) => id === '2')
    overrides.undo(change)
    expect(kinds(overrides)).toEqual(['1 takeover', '4 activated'])

    // What has taken its place since stays in its place.
    const again = overrides.change([given({kind: 'release'})], ({kind}) => kind === 'takeover')
    overrides.add(given({kind: 'priority', priority: 170}))
    overrides.undo(again)
    expect(kinds(overrides)).toEqual(['4 activated', '6 priority'])
  })

  it('are 1,000 at most; none makes room for another', () => {
    const overrides = opened()
    const many = Array.from({length: 1_000}, (_, n) => given({kind: 'vip-removed', address: `10.1.${n}.1/24`}))
    overrides.change(many)
    expect(() => overrides.add(given({kind: 'release'}))).toThrow('there are 1000 overrides already')
    expect(overrides.list).toHaveLength(1_000)
    overrides.change([given({kind: 'release'})], ({id}) => id === '1')
    expect(overrides.list.at(-1)?.kind).toBe('release')
  })

  it('change the virtual routers of the configuration', () => {
    const overrides = opened()
    overrides.change([
      given({kind: 'takeover', priority: 160}),
      given({kind: 'vip-removed', address: '10.0.0.1/24'}),
      given({kind: 'vip-added', address: '10.0.0.9/24', line: '10.0.0.9/24'}),
      given({kind: 'vip-added', address: '2001:db8::9/64', line: '2001:db8::9/64'}),
      // One that the configuration has by now.
      given({kind: 'vip-added', address: '10.0.0.2/24', line: '10.0.0.2/24'}),
      given({kind: 'release', instance: 'VI_9'}),
      given({kind: 'maintenance', instance: null, reason: 'kernel'}),
    ])
    const {routers, held} = overrides.apply(CONFIGURED)
    expect(routers.map(({priority, vips, excludedVips}) => [priority, vips, excludedVips].map(addressesIn))).toEqual([
      [160, ['10.0.0.2', '10.0.0.9'], ['2001:db8::9']],
      [100, ['10.0.1.1', '10.0.1.2'], []],
    ])
    expect([...held]).toEqual([
      ['VI_1', 'maintenance: kernel'],
      ['VI_2', 'maintenance: kernel'],
    ])
    // What nothing changes is the very object, so that nobody notices.
    expect(routers[1]).toBe(CONFIGURED[1])
    expect(overrides.list.map(each => overrides.describe(each, CONFIGURED)).filter(({applies}) => !applies)).toEqual([
      expect.objectContaining({instance: 'VI_9', kind: 'release', text: 'released by an operator'}),
    ])
  })

  it('end in their order', () => {
    const overrides = opened()
    expect(overrides.nextEnd).toBeUndefined()
    overrides.add(given({kind: 'release', until: '2030-01-01T00:00:02.000Z'}))
    overrides.add(given({kind: 'release', instance: 'VI_2', until: '2030-01-01T00:00:01.000Z'}))
    overrides.add(given({kind: 'maintenance', instance: null}))
    expect(overrides.nextEnd).toBe(Date.parse('2030-01-01T00:00:01.000Z'))
  })

  const sound = {id: '1', kind: 'priority', instance: 'VI_1', since: '2030-01-01T00:00:00Z', until: null, priority: 9}
  it.each<[string, unknown]>([
    ['no object', 7],
    ['nothing', null],
    ['an unknown kind', {...sound, kind: 'nonsense'}],
    ['no number', {...sound, id: 'x'}],
    ['no router', {...sound, instance: 7}],
    ['a priority that cannot be', {...sound, priority: 255}],
    ['a time that is none', {...sound, since: 'yesterday'}],
    ['an end that is none', {...sound, until: 'never'}],
    ['a line that is none', {...sound, line: {}}],
  ])('a file entry with %s is left out, the others count', (_, entry) => {
    writeFileSync(path(), JSON.stringify([sound, entry]))
    const overrides = new Overrides(directory)
    expect(overrides.open()).toContain('1 damaged entries are left out')
    expect(overrides.list).toEqual([sound])
  })

  it('are none after a torn file, which is set aside', () => {
    opened().add(given({kind: 'priority', priority: 150}))
    const whole = readFileSync(path(), 'utf8')
    for (const length of [0, 1, whole.length - 3]) {
      writeFileSync(path(), whole.slice(0, length))
      const overrides = new Overrides(directory)
      expect(overrides.open()).toContain('could not be used and was set aside')
      expect(overrides.list).toEqual([])
      expect(readFileSync(`${path()}.damaged`, 'utf8')).toBe(whole.slice(0, length))
    }
  })

  it('stand though they cannot be written, and that is told', () => {
    const overrides = opened()
    rmSync(directory, {recursive: true})
    overrides.add(given({kind: 'priority', priority: 150}))
    expect(overrides.writeFailure).toContain('ENOENT')
    expect(kinds(overrides)).toEqual(['1 priority'])
  })
})

const addressesIn = (value: number | readonly {readonly address: string}[]): unknown =>
  typeof value === 'number' ? value : value.map(({address}) => address)
