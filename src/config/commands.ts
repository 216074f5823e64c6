import type {Command, Config, Position} from './config.ts'

/** A program of the configuration, and what it is there for. */
export interface UsedCommand {
  /** How a message names it: `notify_master of VI_1`. */
  readonly what: string
  readonly position: Position
  readonly command: Command
}

/** Every program that a configuration runs. */
export function commandsOf({global, scripts, instances, syncGroups}: Config): readonly UsedCommand[] {
  const found: UsedCommand[] = []
  const add = (what: string, position: Position, command: Command | true | undefined): void => {
    if (command !== undefined && command !== true) found.push({what, position, command})
  }
  for (const {name, position, at, command} of scripts) add(`vrrp_script ${name}`, at.command ?? position, command)
  for (const instance of instances) {
    const {name, position, at} = instance
    for (const [field, keyword] of INSTANCE_NOTIFIES) {
      add(`${keyword} of ${name}`, at[field] ?? position, instance[field])
    }
  }
  for (const group of syncGroups) {
    const {name, position, at} = group
    for (const [field, keyword] of GROUP_NOTIFIES) add(`${keyword} of ${name}`, at[field] ?? position, group[field])
  }
  return found
}

const GROUP_NOTIFIES = [
  ['notifyMaster', 'notify_master'],
  ['notifyBackup', 'notify_backup'],
  ['notifyFault', 'notify_fault'],
  ['notifyStop', 'notify_stop'],
  ['notifyAny', 'notify'],
] as const

const INSTANCE_NOTIFIES = [
  ...GROUP_NOTIFIES,
  ['notifyDeleted', 'notify_deleted'],
  ['notifyMasterLowerPriority', 'notify_master_rx_lower_pri'],
] as const
