import {instanceText} from '../support.ts'
import {describeJudgement, real, router, server} from './judge-support.ts'

const vips = (...addresses: string[]): string =>
  router('V', ' virtual_router_id 7', ' virtual_ipaddress {', ...addresses, ' }')

describeJudgement('an address of the sample', {
  code: 'HC1870',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'its virtual addresses',
      vips('192.168.200.16', '192.168.200.17'),
      '5:1 V: 192.168.200.16 (and 1 more) is a virtual address of the sample configuration',
    ],
    [
      'its virtual server',
      server('10.10.10.2 1358', real('10.0.1.1 1358')),
      '1:1 virtual_server 10.10.10.2 1358 is that of the sample configuration',
    ],
  ],
  nearMisses: [
    ['another address of that network', vips('192.168.200.20')],
    ['another port of that address', server('10.10.10.2 80', real('10.0.1.1 80'))],
  ],
})

describeJudgement('an address for documentation', {
  code: 'HC1871',
  severity: 'warning',
  class: 'semantic',
  found: [
    ['of RFC 5737', vips('192.0.2.7/24'), '5:1 V: 192.0.2.7 is for documentation only: no network has it'],
    ['of RFC 3849', vips('2001:db8::7/64'), '5:1 V: 2001:db8::7 is for documentation only: no network has it'],
    [
      'a peer',
      instanceText(' unicast_peer { 203.0.113.9 }'),
      '5:17 V: 203.0.113.9 is for documentation only: no network has it',
    ],
  ],
  nearMisses: [
    ['the network beside it', vips('192.0.3.7/24')],
    ['a longer word that begins so', vips('2001:db80::7/64')],
  ],
})

describeJudgement('an address of the loopback interface', {
  code: 'HC1872',
  severity: 'warning',
  class: 'semantic',
  found: [
    ['a virtual address', vips('127.0.0.1/8'), '5:1 V: 127.0.0.1 is this host itself on every host'],
    ['a peer', instanceText(' unicast_peer { 127.0.0.1 }'), '5:17 V: 127.0.0.1 is this host itself on every host'],
  ],
  nearMisses: [
    ['an ordinary address', vips('10.127.0.1/8')],
    ['a service on it, which a proxy may have', server('127.0.0.1 80', real('10.0.1.1 80'))],
  ],
})

describeJudgement('mail to the people of the sample', {
  code: 'HC1873',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'at its made-up domain',
      'global_defs {\n notification_email {\n  acassen@firewall.loc\n }\n}',
      '3:3 notification_email: acassen@firewall.loc is of the sample configuration; nobody gets that mail',
    ],
  ],
  nearMisses: [
    ["somebody at a domain of one's own", 'global_defs {\n notification_email {\n  ops@firewall.local\n }\n}'],
    ['a name that contains the other', 'global_defs {\n notification_email {\n  bacassen@here.net\n }\n}'],
  ],
})
