import {describe, expect, it} from 'vitest'
import {mailText} from '../../../src/core/notify/mail-text.ts'
import {commonState, fifoLine, type Notification, notifyWords} from '../../../src/core/notify/notification.ts'

const instance = {subject: 'INSTANCE', name: 'VI_1', state: 'MASTER', priority: 100} as const satisfies Notification
const group = {subject: 'GROUP', name: 'G1', state: 'FAULT', priority: 0} as const satisfies Notification

describe('what others are told', () => {
  // Measured on keepalived 2.2.7: what read(2) on its pipes returned.
  it.each([
    [instance, 'INSTANCE "VI_1" MASTER 100\n'],
    [group, 'GROUP "G1" FAULT 0\n'],
    [{...instance, state: 'STOP'}, 'INSTANCE "VI_1" STOP 100\n'],
    [{...instance, state: 'DELETED'}, 'INSTANCE "VI_1" DELETED 100\n'],
    [{...instance, state: 'MASTER_PRIORITY', priority: 105}, 'INSTANCE "VI_1" MASTER_PRIORITY 105\n'],
    [{...instance, state: 'BACKUP_PRIORITY', priority: 105}, 'INSTANCE "VI_1" BACKUP_PRIORITY 105\n'],
    [{...instance, state: 'MASTER_RX_LOWER_PRI'}, 'INSTANCE "VI_1" MASTER_RX_LOWER_PRI 100\n'],
  ] as const)('is a line in a pipe: %j', (news, line) => expect(fifoLine(news)).toBe(line))

  it('are four words for a generic script', () => {
    expect(notifyWords(instance)).toEqual(['INSTANCE', 'VI_1', 'MASTER', '100'])
    expect(notifyWords(group)).toEqual(['GROUP', 'G1', 'FAULT', '0'])
  })

  // Measured on keepalived 2.2.7: what its mail server received.
  it.each([
    [instance, '[lb1] VRRP Instance VI_1 - Entering MASTER state', '=> VRRP Instance is now owning VRRP VIPs <=\r\n'],
    [
      {...instance, state: 'BACKUP'},
      '[lb1] VRRP Instance VI_1 - Entering BACKUP state',
      '=> VRRP Instance is no longer owning VRRP VIPs <=\r\n',
    ],
    [
      {...instance, state: 'FAULT'},
      '[lb1] VRRP Instance VI_1 - Entering FAULT state',
      '=> VRRP Instance is no longer owning VRRP VIPs <=\r\n',
    ],
    [{...instance, state: 'DELETED'}, '[lb1] VRRP Instance VI_1 - Deleted', '=> VRRP Deleted at reload <=\r\n'],
    [{...instance, state: 'STOP'}, '[lb1] VRRP Instance VI_1 - Stopping', '=> VRRP Instance stopping <=\r\n'],
    [group, '[lb1] VRRP Group G1 - Entering FAULT state', '=> All VRRP group instances are now in FAULT state <=\r\n'],
    [
      {...group, state: 'MASTER'},
      '[lb1] VRRP Group G1 - Entering MASTER state',
      '=> All VRRP group instances are now in MASTER state <=\r\n',
    ],
    [
      {...group, state: 'STOP'},
      '[lb1] VRRP Group G1 - Stopping',
      '=> All VRRP group instances are now stopping <=\r\n',
    ],
  ] as const)('is a mail: %j', (news, subject, text) => expect(mailText('lb1', news)).toEqual({subject, text}))
})

describe('a group', () => {
  it.each([
    [['MASTER', 'MASTER'], 'MASTER'],
    [['MASTER', 'BACKUP'], undefined],
    [['BACKUP', 'MASTER', 'MASTER'], undefined],
    [['FAULT', undefined], undefined],
    [[undefined, 'FAULT'], undefined],
    [['STOP'], 'STOP'],
    [[], undefined],
  ] as const)('of members in %j is in %s', (members, state) => expect(commonState(members)).toBe(state))
})
