import {describeJudgement, real, server} from './judge-support.ts'

const TCP = 'TCP_CHECK { }'
const toPort = (port: number): readonly string[] => ['TCP_CHECK {', `connect_port ${port}`, '}']
const http = (kind: string, ...more: string[]): readonly string[] => [`${kind} {`, 'url {', 'path /', ...more, '}', '}']
const misc = (...settings: string[]): readonly string[] => ['MISC_CHECK {', 'misc_path "/bin/x"', ...settings, '}']

describeJudgement('a check of the port of another service', {
  code: 'HC1858',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'copied from the service of another port',
      [
        server('10.0.0.1 80', real('10.0.1.1 80', TCP)),
        server('10.0.0.1 443', real('10.0.1.1 443', ...toPort(80))),
      ].join('\n'),
      '15:3 virtual_server 10.0.0.1 443: port 80 of 10.0.1.1 is checked, which is that of another service; ' +
        'this one is port 443',
    ],
    [
      'unlike the other real servers',
      server('10.0.0.1 80', real('10.0.1.1 80', TCP), real('10.0.1.2 80', ...toPort(8080))),
      '10:3 virtual_server 10.0.0.1 80: port 8080 of 10.0.1.2 is checked, unlike of its other real servers; ' +
        'this one is port 80',
    ],
  ],
  nearMisses: [
    ['its own port', server('10.0.0.1 80', real('10.0.1.1 80', ...toPort(80)), real('10.0.1.2 80', TCP))],
    ['a port that no service has', server('10.0.0.1 80', real('10.0.1.1 80', ...toPort(9000)))],
    [
      'the port that is used is checked as well',
      server('10.0.0.1 80', real('10.0.1.1 80', TCP, ...toPort(8080)), real('10.0.1.2 80', TCP)),
    ],
  ],
})

describeJudgement('a check of another port', {
  code: 'HC1856',
  severity: 'info',
  class: 'semantic',
  found: [
    [
      'of all real servers alike',
      server('10.0.0.1 80', real('10.0.1.1 80', ...toPort(9000)), real('10.0.1.2 80', ...toPort(9000))),
      '7:3 real_server 10.0.1.1 80: port 9000 is checked (and 1 more), and not port 80 that is used',
    ],
  ],
  nearMisses: [
    ['the port that is used', server('10.0.0.1 80', real('10.0.1.1 80', ...toPort(80)))],
    [
      'another host is asked',
      server('10.0.0.1 80', real('10.0.1.1 80', 'TCP_CHECK {', 'connect_ip 10.0.1.9', 'connect_port 9000', '}')),
    ],
    ['a real server without a port', server('fwmark 7', real('10.0.1.1', ...toPort(9000)))],
  ],
})

describeJudgement('real servers that nothing checks', {
  code: 'HC1857',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'all of them',
      server('10.0.0.1 80', real('10.0.1.1 80'), real('10.0.1.2 80')),
      '1:1 virtual_server 10.0.0.1 80: none of its real servers has a check: a dead server keeps its share',
    ],
    [
      'one of them',
      server('10.0.0.1 80', real('10.0.1.1 80', TCP), real('10.0.1.2 80')),
      '8:2 virtual_server 10.0.0.1 80: real_server 10.0.1.2 80 without a check: a dead server keeps its share',
    ],
  ],
  nearMisses: [
    ['all are checked', server('10.0.0.1 80', real('10.0.1.1 80', TCP), real('10.0.1.2 80', TCP))],
    ['there is no other to go to', server('10.0.0.1 80', real('10.0.1.1 80'))],
    ['the other takes nothing', server('10.0.0.1 80', real('10.0.1.1 80', TCP), real('10.0.1.2 80', 'weight 0'))],
  ],
})

describeJudgement('a check that speaks another protocol', {
  code: 'HC1859',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'plain HTTP to port 443',
      server('10.0.0.1 443', real('10.0.1.1 443', ...http('HTTP_GET'))),
      '6:3 virtual_server 10.0.0.1 443: HTTP_GET without TLS to port 443, where servers speak TLS',
    ],
    [
      'TLS to port 80',
      server('10.0.0.1 80', real('10.0.1.1 80', ...http('SSL_GET'))),
      '6:3 virtual_server 10.0.0.1 80: SSL_GET with TLS to port 80, where servers speak plain HTTP',
    ],
  ],
  nearMisses: [
    ['TLS to port 443', server('10.0.0.1 443', real('10.0.1.1 443', ...http('SSL_GET')))],
    ['plain HTTP to port 8443', server('10.0.0.1 8443', real('10.0.1.1 8443', ...http('HTTP_GET')))],
    [
      'the answer of a TLS server is what is wanted',
      server('10.0.0.1 443', real('10.0.1.1 443', ...http('HTTP_GET', 'status_code 400'))),
    ],
  ],
})

describeJudgement('a check that may take longer than its interval', {
  code: 'HC1860',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'misc_timeout above delay_loop',
      server('10.0.0.1 80', ' delay_loop 5', real('10.0.1.1 80', ...misc('misc_timeout 30'))),
      '9:3 virtual_server 10.0.0.1 80: misc_timeout 30 is longer than delay_loop 5: while a run hangs, the next ones ' +
        'are left out',
    ],
  ],
  nearMisses: [
    ['as long as delay_loop', server('10.0.0.1 80', ' delay_loop 5', real('10.0.1.1 80', ...misc('misc_timeout 5')))],
    ['none is given', server('10.0.0.1 80', ' delay_loop 5', real('10.0.1.1 80', ...misc()))],
  ],
})
