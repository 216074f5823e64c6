import type {Command, Config, Position} from './config.ts'
import type {VirtualServerConfig} from './lvs-config.ts'

/** A program of the configuration, and what it is there for. */
export interface UsedCommand {
  /** How a message names it: `notify_master of VI_1`. */
  readonly what: string
  readonly position: Position
  readonly command: Command
}

/** Every program that a configuration runs. */
export function commandsOf(config: Config): readonly UsedCommand[] {
  const commands = known.get(config) ?? collected(config)
  known.set(config, commands)
  return commands
}

/** Several judgements ask for them. */
const known = new WeakMap<Config, readonly UsedCommand[]>()

function collected({global, scripts, instances, syncGroups, virtualServers}: Config): readonly UsedCommand[] {
  const found: UsedCommand[] = []
  const add: Add = (keyword, owner, position, command) => {
    if (command === undefined || command === true) return
    found.push({what: owner === '' ? keyword : `${keyword} of ${owner}`, position, command})
  }
  for (const [field, keyword] of GLOBAL_SCRIPTS) add(keyword, '', global.at[field] ?? global.position, global[field])
  for (const {name, position, at, command} of scripts) add(`vrrp_script ${name}`, '', at.command ?? position, command)
  for (const instance of instances) {
    const {name, position, at} = instance
    for (const [field, keyword] of INSTANCE_NOTIFIES) add(keyword, name, at[field] ?? position, instance[field])
  }
  for (const group of syncGroups) {
    const {name, position, at} = group
    for (const [field, keyword] of GROUP_NOTIFIES) add(keyword, name, at[field] ?? position, group[field])
  }
  for (const server of virtualServers) addServer(server, add)
  return found
}

/** Names are put together only for commands that are there: there may be 40,000 real servers without any. */
type Add = (keyword: string, owner: string, position: Position, command: Command | true | undefined) => void

function addServer(server: VirtualServerConfig, add: Add): void {
  const {name, position, at, quorumUp, quorumDown} = server
  add('quorum_up', name, at.quorumUp ?? position, quorumUp)
  add('quorum_down', name, at.quorumDown ?? position, quorumDown)
  for (const real of server.realServers) {
    add('notify_up', real.name, real.at.notifyUp ?? real.position, real.notifyUp)
    add('notify_down', real.name, real.at.notifyDown ?? real.position, real.notifyDown)
    for (const checker of real.checkers) {
      if (checker.type !== 'misc') continue
      const command = checker.user ? {...checker.command, runAs: checker.user} : checker.command
      add('MISC_CHECK', real.name, checker.at.command ?? checker.position, command)
    }
  }
}

const GLOBAL_SCRIPTS = [
  ['startupScript', 'startup_script'],
  ['shutdownScript', 'shutdown_script'],
  ['notifyFifoScript', 'notify_fifo_script'],
  ['vrrpNotifyFifoScript', 'vrrp_notify_fifo_script'],
  ['lvsNotifyFifoScript', 'lvs_notify_fifo_script'],
] as const

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
