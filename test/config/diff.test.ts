import {describe, expect, it} from 'vitest'
import {describeChanges} from '../../src/config/diff.ts'
import {instanceText, parse} from './support.ts'

const changes = (before: string, after: string) => describeChanges(parse(before).config, parse(after).config)
const instance = (...lines: string[]) => instanceText(...lines)
const password = (text: string) => `authentication {\nauth_type PASS\nauth_pass ${text}\n}`

describe('the changes from one configuration to another', () => {
  it.each([
    [instance(), instance(), []],
    [instance(), `# moved\n${instance()}`, []],
    [instance('priority 100'), instance('priority 110'), ['vrrp_instance V: priority 100 -> 110']],
    [instance(), instance('nopreempt'), ['vrrp_instance V: preempt -> nopreempt']],
    [instance(), instance('advert_int 3'), ['vrrp_instance V: advert_int 1 -> 3']],
    [
      instance(),
      instance().replace('10.0.0.1/24', '10.0.0.5/24'),
      [
        'vrrp_instance V: virtual_ipaddress 10.0.0.1/24 removed',
        'vrrp_instance V: virtual_ipaddress 10.0.0.5/24 added',
      ],
    ],
    [
      instance(),
      instance().replace('/24', '/25 dev eth1'),
      [
        'vrrp_instance V: virtual_ipaddress 10.0.0.1/24 removed',
        'vrrp_instance V: virtual_ipaddress 10.0.0.1/25 dev eth1 added',
      ],
    ],
    [instance(), '', ['vrrp_instance V: removed']],
    ['', instance(), ['vrrp_instance V: added']],
    [instance(password('abc')), instance(password('xyz')), ['vrrp_instance V: authentication changed']],
    [instance(), instance(password('xyz')), ['vrrp_instance V: authentication added']],
    [instance(password('xyz')), instance(), ['vrrp_instance V: authentication removed']],
    [instance(), instance('notify "/bin/x \'a b\'" u'), ['vrrp_instance V: notify "/bin/x a\\040b" u added']],
    ['', 'global_defs {\nrouter_id x\n}', ['global_defs: router_id x added']],
    [
      'vrrp_script s { script "/bin/x" }',
      'vrrp_script s { script "/bin/y" }',
      ['vrrp_script s: script "/bin/x" -> "/bin/y"'],
    ],
  ])('%#', (before, after, expected) => {
    expect(changes(before, after)).toEqual(expected)
  })

  it('never hold a password', () => {
    const lines = changes(instance(password('S3cret1')), instance(password('S3cret2')))
    expect(lines).toHaveLength(1)
    expect(lines.join()).not.toContain('S3cret')
  })

  it('name tracked scripts', () => {
    const script = 'vrrp_script s { script "/bin/x" }\n'
    const [before, after] = [script + instance('track_script { s }'), script + instance('track_script { s weight 5 }')]
    expect(changes(before, after)).toEqual(['vrrp_instance V: track_script s weight 0 noreverse -> weight 5 noreverse'])
  })
})
