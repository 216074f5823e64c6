import type {Notification, NotifiedState} from './notification.ts'

/** What a mail says. */
export interface MailText {
  readonly subject: string
  readonly text: string
}

/** The mail about a change of state, in the words of keepalived 2.2.7. */
export function mailText(routerId: string, {subject, name, state}: Notification): MailText {
  const what = subject === 'GROUP' ? 'Group' : 'Instance'
  const text = subject === 'GROUP' ? GROUP_TEXT[state] : INSTANCE_TEXT[state]
  return {subject: `[${routerId}] VRRP ${what} ${name} - ${SUBJECT[state]}`, text: `=> ${text} <=\r\n`}
}

type Texts = {readonly [State in NotifiedState]: string}

const SUBJECT: Texts = {
  MASTER: 'Entering MASTER state',
  BACKUP: 'Entering BACKUP state',
  FAULT: 'Entering FAULT state',
  STOP: 'Stopping',
  DELETED: 'Deleted',
}

const INSTANCE_TEXT: Texts = {
  MASTER: 'VRRP Instance is now owning VRRP VIPs',
  BACKUP: 'VRRP Instance is no longer owning VRRP VIPs',
  FAULT: 'VRRP Instance is no longer owning VRRP VIPs',
  STOP: 'VRRP Instance stopping',
  DELETED: 'VRRP Deleted at reload',
}

const GROUP_TEXT: Texts = {
  MASTER: 'All VRRP group instances are now in MASTER state',
  BACKUP: 'All VRRP group instances are now in BACKUP state',
  FAULT: 'All VRRP group instances are now in FAULT state',
  STOP: 'All VRRP group instances are now stopping',
  DELETED: 'VRRP Deleted at reload',
}
