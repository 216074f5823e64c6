import {instanceText} from '../support.ts'
import {describeJudgement} from './judge-support.ts'

const tracked = (...lines: string[]): string =>
  `vrrp_script s {\n${lines.join('\n')}\n}\n${instanceText(' track_script { s }')}`

describeJudgement('a timeout longer than the interval', {
  code: 'HC1830',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'by a second',
      tracked('script "/bin/x"', 'interval 2', 'timeout 3'),
      '4:1 s: timeout 3 is longer than interval 2: while a run hangs, the next ones are left out, and a failure is ' +
        'seen that much later',
    ],
    [
      'of the default interval',
      tracked('script "/bin/x"', 'timeout 5'),
      '3:1 s: timeout 5 is longer than interval 1: while a run hangs, the next ones are left out, and a failure is ' +
        'seen that much later',
    ],
  ],
  nearMisses: [
    ['as long as the interval', tracked('script "/bin/x"', 'interval 3', 'timeout 3')],
    ['no timeout, which is the interval', tracked('script "/bin/x"', 'interval 3')],
  ],
})

describeJudgement('an argument that is taken for a user', {
  code: 'HC1831',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'a state after the program',
      instanceText(' notify_master /etc/x.sh MASTER'),
      "5:2 notify_master of V: 'MASTER' is taken for a user or group to run as, not for an argument",
    ],
    [
      'an option after a program in quotes',
      instanceText(' notify "/bin/x" --all'),
      "5:2 notify of V: '--all' is taken for a user or group to run as, not for an argument",
    ],
  ],
  nearMisses: [
    ['within the quotes it is an argument', instanceText(' notify_master "/etc/x.sh MASTER"')],
    ['a user and a group', instanceText(' notify_master "/etc/x.sh" nobody nogroup')],
    ['backup is a user of Debian', instanceText(' notify_master /etc/x.sh backup')],
  ],
})

describeJudgement('signal 0 as a user who may not signal others', {
  code: 'HC1832',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'killall as the user of scripts',
      `global_defs {\n script_user keepalived_script\n}\n${tracked('script "/usr/bin/killall -0 haproxy"')}`,
      '5:1 vrrp_script s: /usr/bin/killall as keepalived_script may look at processes of keepalived_script only: for ' +
        'those of anybody else it fails although they run',
    ],
    [
      'pkill as a user of its own',
      tracked('script "pkill -0 nginx"', 'user nobody'),
      '2:1 vrrp_script s: pkill as nobody may look at processes of nobody only: for those of anybody else it fails ' +
        'although they run',
    ],
  ],
  nearMisses: [
    ['root may', `global_defs {\n script_user root\n}\n${tracked('script "/usr/bin/killall -0 haproxy"')}`],
    ['nobody is named', tracked('script "/usr/bin/killall -0 haproxy"')],
    ['pidof sends no signal', tracked('script "pidof haproxy"', 'user nobody')],
  ],
})

describeJudgement('a program for a pipe that is not there', {
  code: 'HC1833',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'without notify_fifo',
      'global_defs {\n notify_fifo_script "/bin/x"\n}',
      '2:2 notify_fifo_script: there is no notify_fifo, so it is never started',
    ],
    [
      'with the pipe of another',
      'global_defs {\n notify_fifo /run/f\n vrrp_notify_fifo_script "/bin/x"\n}',
      '3:2 vrrp_notify_fifo_script: there is no vrrp_notify_fifo, so it is never started',
    ],
  ],
  nearMisses: [
    ['with the pipe', 'global_defs {\n notify_fifo_script "/bin/x"\n notify_fifo /run/f\n}'],
    ['a pipe that something else reads', 'global_defs {\n notify_fifo /run/f\n}'],
  ],
})

describeJudgement('a path that only bash can open', {
  code: 'HC1834',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'below /dev/tcp',
      tracked('script "</dev/tcp/127.0.0.1/80"'),
      '2:1 vrrp_script s: keepalived lets /bin/sh open /dev/tcp/127.0.0.1/80, which only bash can: where /bin/sh is ' +
        'another shell it always fails',
    ],
  ],
  nearMisses: [
    ['bash itself opens it', tracked('script "/bin/bash -c \'</dev/tcp/127.0.0.1/80\'"')],
    ['a file that every shell can open', tracked('script "</run/ready"')],
  ],
})
