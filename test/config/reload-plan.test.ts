import {describe, expect, it} from 'vitest'
import {planReload, summarizeReload} from '../../src/config/reload-plan.ts'
import {instanceText, parse} from './support.ts'

const SCRIPT = 'vrrp_script s {\nscript "/bin/x"\ninterval 1\n}\n'
const SERVER =
  'virtual_server 10.1.0.1 80 {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\nreal_server 10.2.0.1 80 {\n}\n}\n'
const tracking = `${SCRIPT}${instanceText('track_script { s }')}`

/** What a reload does to each object that is not simply kept, as `object: effect (reason)`. */
function effects(before: string, after: string): readonly string[] {
  return planReload(parse(before).config, parse(after).config)
    .filter(({change, effect}) => change !== 'same' || effect !== 'keep')
    .map(({object, effect, reason}) => `${object}: ${effect}${reason === undefined ? '' : ` (${reason})`}`)
}

describe('a reload', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['that changes nothing keeps everything', tracking, `# new\n${tracking}`, []],
    ['takes a priority on in place', instanceText(), instanceText('priority 99'), ['vrrp_instance V: in-place']],
    [
      'takes a virtual address on in place',
      instanceText(),
      instanceText().replace('10.0.0.1/24', '10.0.0.2/24'),
      ['vrrp_instance V: in-place'],
    ],
    [
      'restarts what runs on another interface',
      instanceText(),
      instanceText().replace('eth0', 'eth1'),
      ['vrrp_instance V: restart (it runs on another interface)'],
    ],
    [
      'restarts what has another VRID',
      instanceText(),
      instanceText().replace('virtual_router_id 7', 'virtual_router_id 8'),
      ['vrrp_instance V: restart (it is another virtual router to its peers)'],
    ],
    [
      'restarts what speaks another version',
      instanceText(),
      instanceText('version 3'),
      ['vrrp_instance V: restart (it speaks another version of VRRP)'],
    ],
    ['starts what is new', '', instanceText(), ['vrrp_instance V: start']],
    ['stops what is gone', instanceText(), '', ['vrrp_instance V: stop']],
    [
      'lets what only has another name go on',
      instanceText(),
      instanceText().replace('vrrp_instance V', 'vrrp_instance W'),
      ['vrrp_instance V: in-place (it goes on as W)', 'vrrp_instance W: in-place (it goes on from V)'],
    ],
    [
      'restarts a script with another command',
      tracking,
      tracking.replace('/bin/x', '/bin/y'),
      ['vrrp_script s: restart (its command changes)'],
    ],
    [
      'takes the interval of a script on in place',
      tracking,
      tracking.replace('interval 1', 'interval 2'),
      ['vrrp_script s: in-place'],
    ],
    [
      'starts a script that is tracked now',
      instanceText(),
      tracking,
      ['vrrp_script s: start', 'vrrp_instance V: in-place'],
    ],
    [
      'does nothing about a script that nobody tracks',
      '',
      SCRIPT,
      ['vrrp_script s: not-acted-on (no virtual router that runs tracks it)'],
    ],
    [
      'does nothing about what is not acted on yet',
      '',
      'bfd_instance b {\nneighbor_ip 10.9.9.9\n}\n',
      ['bfd_instance b: not-acted-on'],
    ],
    [
      'changes static addresses in place',
      '',
      'static_ipaddress {\n10.9.9.9/24 dev eth0\n}\n',
      ['static_ipaddress: in-place'],
    ],
    ['starts a virtual server', '', SERVER, ['virtual_server 10.1.0.1 80: start']],
    ['stops a virtual server', SERVER, '', ['virtual_server 10.1.0.1 80: stop']],
    [
      'changes a virtual server in place',
      SERVER,
      SERVER.replace('rr', 'wrr'),
      ['virtual_server 10.1.0.1 80: in-place'],
    ],
    [
      'does nothing about checks, which are not made yet',
      SERVER,
      SERVER.replace('rr', 'rr\ndelay_loop 7'),
      ['virtual_server 10.1.0.1 80: not-acted-on'],
    ],
    [
      'stops a virtual router that would be left out',
      instanceText(),
      instanceText().replace(' virtual_router_id 7\n', ''),
      ['vrrp_instance V: stop'],
    ],
  ])('%s', (_, before, after, expected) => expect(effects(before, after)).toEqual(expected))

  it('is told without what stays, which is counted', () => {
    const [before, after] = [parse(tracking).config, parse(tracking.replace('/bin/x', '/bin/y')).config]
    expect(summarizeReload(before, after)).toEqual({
      changes: [
        {
          object: 'vrrp_script s',
          change: 'changed',
          effect: 'restart',
          reason: 'its command changes',
          lines: ['script "/bin/x" -> "/bin/y"'],
        },
      ],
      kept: 1,
    })
  })
})
