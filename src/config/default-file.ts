import {existsSync} from 'node:fs'

/** Where a configuration is looked for when none is named, the first that exists. */
export const CONFIG_FILES = ['/etc/hactl/hactl.conf', '/etc/keepalived/keepalived.conf'] as const

/** The configuration of this host; the first of the places where none exists. */
export function defaultConfigFile(): string {
  return CONFIG_FILES.find(file => existsSync(file)) ?? CONFIG_FILES[0]
}
