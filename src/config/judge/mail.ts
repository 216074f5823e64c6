import type {Config} from '../config.ts'
import type {Lint} from './lint.ts'
import {SAMPLE_MAIL} from './samples.ts'

/** Lints of mail. */
export const MAIL_LINTS: readonly Lint[] = [
  {
    name: 'mail-without-server',
    check: (config, remark) => {
      const {global} = config
      if (realRecipients(config).length === 0 || global.smtpServer) return
      const position = global.at.notificationEmail ?? global.position
      remark(position, 'notification_email: no mail is sent, since there is no smtp_server', 'smtp_server ADDRESS')
    },
  },
  {
    name: 'mail-without-recipient',
    check: ({global}, remark) => {
      if (global.notificationEmail.length > 0 || global.at.notificationEmail) return
      const position = global.at.smtpAlert ?? global.at.smtpAlertVrrp ?? global.at.smtpAlertChecker
      if (!global.smtpAlert && !global.smtpAlertVrrp && !global.smtpAlertChecker) return
      const message = 'smtp_alert: no mail is sent, since notification_email names nobody'
      remark(position ?? global.position, message, 'notification_email { ADDRESS }')
    },
  },
  {
    name: 'mail-never',
    check: (config, remark) => {
      const {global} = config
      if (realRecipients(config).length === 0 || !global.smtpServer || asksForMail(config)) return
      const message = 'notification_email: nothing that happens is mailed, since smtp_alert is on nowhere'
      remark(global.at.notificationEmail ?? global.position, message, 'smtp_alert in global_defs or a vrrp_instance')
    },
  },
]

/** Those of the sample are told of by themselves. */
const realRecipients = ({global}: Config): Config['global']['notificationEmail'] =>
  global.notificationEmail.filter(({name}) => !SAMPLE_MAIL.test(name))

const asksForMail = ({instances, syncGroups, virtualServers, global}: Config): boolean =>
  [global.smtpAlert, global.smtpAlertVrrp, global.smtpAlertChecker].includes(true) ||
  [...instances, ...syncGroups].some(({smtpAlert}) => smtpAlert) ||
  virtualServers.some(server => server.smtpAlert || server.realServers.some(({smtpAlert}) => smtpAlert))
