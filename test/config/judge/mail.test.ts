import {instanceText} from '../support.ts'
import {describeJudgement, real, server} from './judge-support.ts'

const globals = (...lines: string[]): string => `global_defs {\n${lines.join('\n')}\n}\n`
const TO = 'notification_email { me@here.net }'
const BY = 'smtp_server 10.0.0.9'

describeJudgement('mail that no server takes', {
  code: 'HC1840',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'there is somebody to get it',
      globals(TO, 'smtp_alert'),
      '2:1 notification_email: no mail is sent, since there is no smtp_server',
    ],
  ],
  nearMisses: [
    ['there is a server', globals(TO, 'smtp_alert', BY)],
    ['the people are those of the sample, which is told of elsewhere', globals('notification_email { acassen }')],
  ],
})

describeJudgement('mail that nobody gets', {
  code: 'HC1841',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'smtp_alert alone',
      globals('smtp_alert', BY),
      '2:1 smtp_alert: no mail is sent, since notification_email names nobody',
    ],
  ],
  nearMisses: [
    ['there is somebody', globals('smtp_alert', BY, TO)],
    ['smtp_alert is off', globals('smtp_alert off', BY)],
  ],
})

describeJudgement('mail that nothing asks for', {
  code: 'HC1842',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'a virtual router without smtp_alert',
      globals(TO, BY) + instanceText(),
      '2:1 notification_email: nothing that happens is mailed, since smtp_alert is on nowhere',
    ],
  ],
  nearMisses: [
    ['smtp_alert for everything', globals(TO, BY, 'smtp_alert') + instanceText()],
    ['smtp_alert in the virtual router', globals(TO, BY) + instanceText(' smtp_alert')],
    [
      'real servers ask for it by default',
      globals(TO, BY) + server('10.0.0.1 80', real('10.0.1.1 80', 'TCP_CHECK { }')),
    ],
  ],
})
