import {parseIp} from '../../core/ip.ts'
import type {Config} from '../config.ts'
import type {HostCheck} from './check.ts'

/** The names of hosts that have to be looked up before a host can be judged. */
export function namesToLookUp({global}: Config): readonly string[] {
  const {smtpServer} = global
  return smtpServer && !parseIp(smtpServer.host).ok ? [smtpServer.host] : []
}

/** Checks of names of other hosts. */
export const NAME_CHECKS: readonly HostCheck[] = [
  (config, host, lack) => {
    const {global} = config
    for (const name of namesToLookUp(config)) {
      if (host.resolves(name) !== false) continue
      const message = `smtp_server: ${name} has no address here, so no mail is sent`
      lack('name-unresolved', global.at.smtpServer ?? global.position, message, 'correct it, or write an address')
    }
  },
]
