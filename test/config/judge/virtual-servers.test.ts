import {instanceText} from '../support.ts'
import {describeJudgement, real, server} from './judge-support.ts'

const CHECKED = real('10.0.1.1 80', 'TCP_CHECK { }')
const weighted = (...weights: number[]): string =>
  weights.map((weight, i) => real(`10.0.1.${i + 1} 80`, `weight ${weight}`, 'TCP_CHECK { }')).join('\n')
const files = (...texts: string[]): string => texts.join('\n')

describeJudgement('a virtual server on no virtual address', {
  code: 'HC1850',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'in the network of the virtual address',
      files(server('10.0.0.2 80', CHECKED), instanceText()),
      '1:1 virtual_server 10.0.0.2 80: 10.0.0.2 is no virtual address, so nothing here brings it to the master',
    ],
    [
      'somewhere else, where another is on the virtual address',
      files(instanceText(), server('10.0.0.1 80', CHECKED), server('10.7.0.1 80', CHECKED)),
      '14:1 virtual_server 10.7.0.1 80: 10.7.0.1 is no virtual address, so nothing here brings it to the master',
    ],
    [
      'two ports of one address',
      files(instanceText(), server('10.0.0.2 80', CHECKED), server('10.0.0.2 443', CHECKED)),
      '6:1 virtual_server 10.0.0.2 80: 10.0.0.2 is no virtual address, so nothing here brings it to the master',
    ],
    [
      'a line of a group',
      files('virtual_server_group g {\n 10.0.0.1 80\n 10.0.0.2 80\n}', instanceText(), server('group g', CHECKED)),
      '3:2 virtual_server group g: 10.0.0.2 is no virtual address, so nothing here brings it to the master',
    ],
  ],
  nearMisses: [
    ['on it', files(instanceText(), server('10.0.0.1 80', CHECKED))],
    [
      'on an excluded one',
      files(instanceText(' virtual_ipaddress_excluded { 10.0.0.2 }'), server('10.0.0.2 80', CHECKED)),
    ],
    [
      'on a static one',
      files('static_ipaddress {\n10.0.0.2 dev eth0\n}', instanceText(), server('10.0.0.2 80', CHECKED)),
    ],
    ['no virtual router at all', server('10.0.0.2 80', CHECKED)],
    ['all services come by a route', files(instanceText(), server('10.7.0.1 80', CHECKED))],
    ['quorum_up sets the address', files(instanceText(), server('10.0.0.2 80', ' quorum_up "/bin/x"', CHECKED))],
    ['a mark has no address', files(instanceText(), server('fwmark 7', CHECKED))],
  ],
})

describeJudgement('a virtual server on an address that accepts nothing', {
  code: 'HC1851',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'no_accept',
      files(instanceText(' no_accept'), server('10.0.0.1 80', CHECKED)),
      '7:1 virtual_server 10.0.0.1 80: V has no_accept, which drops what is sent to its addresses',
    ],
  ],
  nearMisses: [
    ['accept', files(instanceText(' accept'), server('10.0.0.1 80', CHECKED))],
    ['no_accept of another address', files(instanceText(' no_accept'), server('10.0.0.2 80', CHECKED))],
  ],
})

describeJudgement('real servers that are all of weight 0', {
  code: 'HC1852',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'two of them',
      server('10.0.0.1 80', weighted(0, 0)),
      '1:1 virtual_server 10.0.0.1 80: every weight is 0, so it takes no connection',
    ],
  ],
  nearMisses: [
    ['one has another', server('10.0.0.1 80', weighted(0, 1))],
    [
      'a check sets the weight',
      server('10.0.0.1 80', real('10.0.1.1 80', 'weight 0', 'MISC_CHECK {', 'misc_path "/bin/x"', 'misc_dynamic', '}')),
    ],
  ],
})

describeJudgement('weights that the scheduler does not look at', {
  code: 'HC1853',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'round robin',
      server('10.0.0.1 80', ' lb_algo rr', weighted(1, 2)),
      '5:2 virtual_server 10.0.0.1 80: rr takes no account of weights, and they differ',
    ],
  ],
  nearMisses: [
    ['weighted round robin', server('10.0.0.1 80', weighted(1, 2))],
    ['they are the same', server('10.0.0.1 80', ' lb_algo rr', weighted(2, 2))],
    ['0 takes a server out with every scheduler', server('10.0.0.1 80', ' lb_algo rr', weighted(1, 0))],
  ],
})

describeJudgement('a quorum that does not come back', {
  code: 'HC1854',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'quorum and hysteresis are more than there is',
      server('10.0.0.1 80', ' quorum 3', ' hysteresis 1', weighted(1, 1, 1)),
      '6:2 virtual_server 10.0.0.1 80: once lost, quorum takes a weight of 4 to come back, and all real servers ' +
        'together have 3',
    ],
  ],
  nearMisses: [
    ['they are just what there is', server('10.0.0.1 80', ' quorum 2', ' hysteresis 1', weighted(1, 1, 1))],
    ['no hysteresis', server('10.0.0.1 80', ' quorum 3', weighted(1, 1, 1))],
  ],
})

describeJudgement('a sorry server that is a real server', {
  code: 'HC1855',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'the same address and port',
      server('10.0.0.1 80', ' sorry_server 10.0.1.1 80', weighted(1, 1)),
      '5:2 virtual_server 10.0.0.1 80: the sorry server 10.0.1.1 is one of its real servers: it is needed when those ' +
        'have failed, and may be among them',
    ],
  ],
  nearMisses: [
    ['another port', server('10.0.0.1 80', ' sorry_server 10.0.1.1 81', weighted(1, 1))],
    ['another address', server('10.0.0.1 80', ' sorry_server 10.0.1.9 80', weighted(1, 1))],
  ],
})

describeJudgement('a weight beyond what is documented', {
  code: 'HC1861',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      '70000',
      server('10.0.0.1 80', weighted(70_000, 1)),
      '6:3 virtual_server 10.0.0.1 80: the weight 70000 of real_server 10.0.1.1 80 is more than the 65535 that ' +
        'keepalived.conf(5) and ipvsadm(8) permit',
    ],
  ],
  nearMisses: [
    ['the most that is permitted', server('10.0.0.1 80', weighted(65_535, 1))],
    ['what is no weight has a finding of its own', server('10.0.0.1 80', weighted(99_999_999_999))],
  ],
})
