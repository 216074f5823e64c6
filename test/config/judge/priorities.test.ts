import {instanceText} from '../support.ts'
import {describeJudgement} from './judge-support.ts'

const script = (name: string, ...lines: string[]): string =>
  `vrrp_script ${name} { script "/bin/${name}"\n${lines.join('\n')}}\n`

const FALLING = script('a', 'weight -20')

describeJudgement('priority 255 that is probably a mistake', {
  code: 'HC1801',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'a node with priority 255 that does not have the addresses otherwise',
      instanceText(' priority 255'),
      '5:2 V: priority 255 is for the node that has the virtual addresses as its own: it takes over at once, and no ' +
        'weight of what it tracks ever lowers it',
    ],
  ],
  nearMisses: [
    ['254 is a priority as any other', instanceText(' priority 254')],
    ['its source is the address, so it owns it', instanceText(' priority 255', ' mcast_src_ip 10.0.0.1')],
    ['it sets the address at start', `static_ipaddress {\n 10.0.0.1/24 dev eth0\n}\n${instanceText(' priority 255')}`],
    ['255 follows from state MASTER, which is told of elsewhere', instanceText(' state MASTER')],
  ],
})

describeJudgement('nopreempt together with weights', {
  code: 'HC1802',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'a script has a weight',
      `${script('a', 'weight -20')}${instanceText(' nopreempt', ' track_script { a }')}`,
      '7:2 V: nopreempt never takes over from a live master, so when the weight of a makes ' +
        "a peer's priority fall, the addresses stay there",
    ],
    [
      'an interface and a script have weights',
      FALLING + instanceText(' nopreempt', ' track_script { a }', ' track_interface { eth1 weight 5 }'),
      '7:2 V: nopreempt never takes over from a live master, so when weights (eth1, …) make ' +
        "a peer's priority fall, the addresses stay there",
    ],
  ],
  nearMisses: [
    ['a failure is a fault, not a weight', `${script('a')}${instanceText(' nopreempt', ' track_script { a }')}`],
    ['it preempts', `${script('a', 'weight -20')}${instanceText(' track_script { a }')}`],
    [
      'state MASTER clears nopreempt, which is told of elsewhere',
      FALLING + instanceText(' state MASTER', ' priority 100', ' nopreempt', ' track_script { a }'),
    ],
  ],
})

describeJudgement('a weight that cannot change the priority', {
  code: 'HC1803',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'the weights of others lift the priority above 254',
      script('a', 'weight 100') +
        script('b', 'weight -10') +
        instanceText(' priority 200', ' track_script {', 'a', 'b', '}'),
      '12:1 V: while all else is well, the weight -10 of b changes nothing: ' +
        'the priority is 254 whether it fails or not',
    ],
    [
      'the priority is the lowest already',
      `${script('a', 'weight -20')}${instanceText(' priority 1', ' track_script { a }')}`,
      '8:17 V: while all else is well, the weight -20 of a changes nothing: the priority is 1 whether it fails or not',
    ],
    [
      'a reversed weight adds on failure to what is the highest already',
      `${script('a', 'weight -20 reverse')}${instanceText(' priority 254', ' track_script { a }')}`,
      '8:17 V: while all else is well, the weight -20 of a changes nothing: ' +
        'the priority is 254 whether it fails or not',
    ],
  ],
  nearMisses: [
    [
      'the priority falls to where it counts',
      `${script('a', 'weight 100')}${instanceText(' priority 200', ' track_script { a }')}`,
    ],
    ['the priority falls by one', `${script('a', 'weight -20')}${instanceText(' priority 2', ' track_script { a }')}`],
    [
      'a reversed weight takes away while all is well',
      `${script('a', 'weight 20 reverse')}${instanceText(' priority 254', ' track_script { a }')}`,
    ],
    [
      'two scripts of one program fail together',
      `vrrp_script a { script "/bin/x"\nweight 50 }\nvrrp_script b { script "/bin/x"\nweight -5 }\n` +
        instanceText(' priority 250', ' track_script {', 'a', 'b', '}'),
    ],
    ['a failure is a fault', `${script('a')}${instanceText(' priority 254', ' track_script { a }')}`],
  ],
})

describeJudgement('an interval that makes taking over slow', {
  code: 'HC1804',
  severity: 'warning',
  class: 'semantic',
  found: [
    [
      'ten seconds',
      instanceText(' priority 100', ' advert_int 10'),
      '6:2 V: with advert_int 10 it takes 36 seconds until a backup notices that the master is gone',
    ],
    [
      'a hundred milliseconds that are taken for seconds',
      instanceText(' priority 100', ' advert_int 100'),
      '6:2 V: with advert_int 100 it takes 361 seconds until a backup notices that the master is gone',
    ],
  ],
  nearMisses: [
    ['nine seconds', instanceText(' advert_int 9')],
    ['one second, which is the default', instanceText()],
  ],
})
