import {instanceText} from '../support.ts'
import {describeJudgement, real, router, server} from './judge-support.ts'

const tracked = (...lines: string[]): string =>
  `vrrp_script s {\n${lines.join('\n')}\n}\n${instanceText(' track_script { s }')}`
const numbered = (name: string, vrid: number, vip: string): string =>
  router(name, ` virtual_router_id ${vrid}`, ` virtual_ipaddress { ${vip} }`)

describeJudgement('shell syntax where no shell runs', {
  code: 'HC1302',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'a pipe',
      tracked('script "/bin/ps ax | grep x"'),
      "2:8 script: no shell reads the command: '|' is passed to the program as it is",
    ],
    [
      'a redirection',
      tracked('script "/bin/x > /dev/null"'),
      "2:8 script: no shell reads the command: '>' is passed to the program as it is",
    ],
  ],
  nearMisses: [
    ['a shell that is named', tracked('script "/bin/sh -c \'ps ax | grep x\'"')],
    ['a file to open, which keepalived leaves to a shell', tracked('script "</run/ready"')],
    ['a pipe within an argument', tracked('script "/bin/x \'a | b\'"')],
  ],
})

describeJudgement('a script that nothing tracks', {
  code: 'HC1304',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'defined only',
      `vrrp_script s {\nscript "/bin/x"\n}\n${instanceText()}`,
      '1:1 vrrp_script s is tracked by no virtual router, so it never runs',
    ],
  ],
  nearMisses: [
    ['a virtual router tracks it', tracked('script "/bin/x"')],
    [
      'a sync group tracks it',
      ['vrrp_script s {', 'script "/bin/x"', '}', instanceText(), 'vrrp_sync_group g {', ' group { V }']
        .concat(' track_script { s }', '}')
        .join('\n'),
    ],
  ],
})

describeJudgement('nopreempt with state MASTER', {
  code: 'HC1405',
  severity: 'error',
  class: 'semantic',
  found: [
    [
      'which takes over all the same',
      instanceText(' state MASTER', ' priority 100', ' nopreempt'),
      '7:2 V: nopreempt does not go with state MASTER; it is cleared',
    ],
  ],
  nearMisses: [
    ['state BACKUP', instanceText(' state BACKUP', ' priority 100', ' nopreempt')],
    ['no nopreempt', instanceText(' state MASTER', ' priority 100')],
  ],
})

describeJudgement('one virtual_router_id twice on an interface', {
  code: 'HC1403',
  severity: 'error',
  class: 'semantic',
  found: [
    [
      'two virtual routers',
      `${numbered('V', 7, '10.0.0.1')}\n${numbered('W', 7, '10.0.0.2')}`,
      '6:1 W is left out: virtual_router_id 7 on eth0 is that of V in line 1',
    ],
  ],
  nearMisses: [
    ['two numbers', `${numbered('V', 7, '10.0.0.1')}\n${numbered('W', 8, '10.0.0.2')}`],
    ['two families', `${numbered('V', 7, '10.0.0.1')}\n${numbered('W', 7, 'fe80::1')}`],
  ],
})

describeJudgement('one virtual address of two virtual routers', {
  code: 'HC1508',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'on one interface',
      `${numbered('V', 7, '10.0.0.1')}\n${numbered('W', 8, '10.0.0.1')}`,
      '9:22 10.0.0.1 is a virtual address of V too',
    ],
  ],
  nearMisses: [
    ['two addresses', `${numbered('V', 7, '10.0.0.1')}\n${numbered('W', 8, '10.0.0.2')}`],
    ['two interfaces', `${numbered('V', 7, 'fe80::1')}\n${numbered('W', 8, 'fe80::1 dev eth1')}`],
  ],
})

describeJudgement('a name in the wrong case, or a weight out of range', {
  code: 'HC1204',
  severity: 'error',
  class: 'syntax',
  found: [
    [
      'a scheduler in capital letters',
      server('10.0.0.1 80', ' lb_algo RR', real('10.0.1.1 80')),
      "5:10 lb_algo: 'RR' is not permitted",
    ],
    [
      'a forwarding method in small letters',
      server('10.0.0.1 80', ' lb_kind dr', real('10.0.1.1 80')),
      "5:10 lb_kind: 'dr' is not a forwarding method",
    ],
    [
      'a real server with a weight below 0',
      server('10.0.0.1 80', real('10.0.1.1 80', 'weight -1')),
      "6:10 weight: '-1' is not within 0 to 2147483647",
    ],
  ],
  nearMisses: [
    ['a protocol may be in small letters', server('10.0.0.1 80', ' protocol tcp', real('10.0.1.1 80'))],
    ['a weight of 0', server('10.0.0.1 80', real('10.0.1.1 80', 'weight 0'))],
  ],
})

describeJudgement('words left over at the end of a line', {
  code: 'HC1206',
  severity: 'warning',
  class: 'syntax',
  found: [
    [
      'two statements on a line',
      instanceText(' priority 100 advert_int 1'),
      "5:15 'advert_int' and one more word have no effect",
    ],
  ],
  nearMisses: [
    ['one statement a line', instanceText(' priority 100', ' advert_int 1')],
    ['a comment', instanceText(' priority 100 # advert_int 1')],
  ],
})
