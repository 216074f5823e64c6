import type {Command} from '@oclif/core/command'

/** Loads one command's class. */
export type CommandLoader = () => Promise<Command.Class>

/** Every command by its id, loaded when it is used: a look for files at every start would cost more than the answer. */
export const COMMANDS: {readonly [id: string]: CommandLoader} = {
  'agent:dial-stdio': async () => (await import('../../commands/agent/dial-stdio.ts')).AgentDialStdio,
  'agent:maintenance': async () => (await import('../../commands/agent/maintenance.ts')).AgentMaintenance,
  'agent:overrides': async () => (await import('../../commands/agent/overrides.ts')).AgentOverrides,
  'agent:reload': async () => (await import('../../commands/agent/reload.ts')).AgentReload,
  'agent:run': async () => (await import('../../commands/agent/run.ts')).AgentRun,
  'agent:status': async () => (await import('../../commands/agent/status.ts')).AgentStatusCommand,
  'agent:stop': async () => (await import('../../commands/agent/stop.ts')).AgentStop,
  'validate:config': async () => (await import('../../commands/validate/config.ts')).ValidateConfig,
  'config:completion': async () => (await import('../../commands/config/completion.ts')).ConfigCompletion,
  'config:diff': async () => (await import('../../commands/config/diff.ts')).ConfigDiff,
  'config:explain': async () => (await import('../../commands/config/explain.ts')).ConfigExplain,
  'config:format': async () => (await import('../../commands/config/format.ts')).ConfigFormat,
  'config:show': async () => (await import('../../commands/config/show.ts')).ConfigShow,
  'vip:add': async () => (await import('../../commands/vip/add.ts')).VipAdd,
  'vip:announce': async () => (await import('../../commands/vip/announce.ts')).VipAnnounce,
  'vip:list': async () => (await import('../../commands/vip/list.ts')).VipList,
  'vip:remove': async () => (await import('../../commands/vip/remove.ts')).VipRemove,
  'vrrp:activate': async () => (await import('../../commands/vrrp/activate.ts')).VrrpActivate,
  'vrrp:peers': async () => (await import('../../commands/vrrp/peers.ts')).VrrpPeers,
  'vrrp:priority': async () => (await import('../../commands/vrrp/priority.ts')).VrrpPriority,
  'vrrp:release': async () => (await import('../../commands/vrrp/release.ts')).VrrpRelease,
  'vrrp:resume': async () => (await import('../../commands/vrrp/resume.ts')).VrrpResume,
  'vrrp:show': async () => (await import('../../commands/vrrp/show.ts')).VrrpShow,
  'vrrp:stats': async () => (await import('../../commands/vrrp/stats.ts')).VrrpStats,
  'vrrp:status': async () => (await import('../../commands/vrrp/status.ts')).VrrpStatus,
  'vrrp:takeover': async () => (await import('../../commands/vrrp/takeover.ts')).VrrpTakeover,
  'vrrp:watch': async () => (await import('../../commands/vrrp/watch.ts')).VrrpWatch,
  'vrrp:why': async () => (await import('../../commands/vrrp/why.ts')).VrrpWhy,
}

/** What stands beside each topic in the help. */
export const TOPICS: {readonly [name: string]: string} = {
  agent: 'the resident agent: run it, ask it, reload it, stop it',
  config: 'configurations: show, compare, format, explain',
  validate: 'whether configurations do what they should, here and on the other nodes',
  vip: 'virtual IP addresses: list, announce, add, remove',
  vrrp: 'virtual routers: state, history, reasons, and who is to be master',
}
