import {block, headedBlocks, namedBlocks} from '../schema/entries.ts'
import {blockKind, type Item} from '../schema/schema.ts'
import type {Grammar} from '../text/blocks.ts'
import {BFD_INSTANCES, type BfdSettings} from './bfd-instance.ts'
import {GARP_GROUPS, type GarpGroupSettings} from './garp-group.ts'
import {GLOBAL, type GlobalSettings} from './global-defs.ts'
import {LINKBEAT_INTERFACES, type LinkbeatInterface} from './linkbeat.ts'
import {ROOT_SCALARS, type RootScalars} from './root-scalars.ts'
import {SSL_BLOCK, type SslSettings} from './ssl.ts'
import {STATIC_OBJECTS, type StaticObjects} from './static-objects.ts'
import {SYNC_GROUP, type SyncGroupSettings} from './sync-group.ts'
import {TRACK_FILES, type TrackFileSettings} from './track-file.ts'
import {TRACK_GROUP, type TrackGroupSettings} from './track-group.ts'
import {TRACK_PROCESS, type TrackProcessSettings} from './track-process.ts'
import {UP_DOWN_DELAYS, type UpDownDelay} from './up-down-delays.ts'
import {
  VIRTUAL_SERVER,
  VIRTUAL_SERVER_HEAD,
  type VirtualServerHead,
  type VirtualServerSettings,
} from './virtual-server.ts'
import {SERVER_GROUPS, type ServerGroupSettings} from './virtual-server-group.ts'
import {INSTANCE, type InstanceSettings} from './vrrp-instance.ts'
import {SCRIPT, type ScriptSettings} from './vrrp-script.ts'

/** A whole configuration as it stands in the text. Fields stand in the order in which they are written again. */
export interface RootSettings extends RootScalars, StaticObjects {
  readonly global: Item<GlobalSettings> | undefined
  readonly linkbeatInterfaces: readonly LinkbeatInterface[]
  readonly upDownDelays: readonly UpDownDelay[]
  readonly garpGroups: readonly Item<GarpGroupSettings>[]
  readonly trackGroups: readonly Item<TrackGroupSettings>[]
  readonly scripts: readonly Item<ScriptSettings>[]
  readonly trackFiles: readonly Item<TrackFileSettings>[]
  readonly trackProcesses: readonly Item<TrackProcessSettings>[]
  readonly bfdInstances: readonly Item<BfdSettings>[]
  readonly instances: readonly Item<InstanceSettings>[]
  readonly syncGroups: readonly Item<SyncGroupSettings>[]
  readonly ssl: Item<SslSettings> | undefined
  readonly virtualServerGroups: readonly Item<ServerGroupSettings>[]
  readonly virtualServers: readonly Item<VirtualServerSettings & VirtualServerHead>[]
}

/** The table of what stands outside of blocks. */
export const ROOT = blockKind<RootSettings>('', {
  ...ROOT_SCALARS,
  global: block(GLOBAL, {doc: 'settings of the whole agent'}),
  linkbeatInterfaces: LINKBEAT_INTERFACES,
  upDownDelays: UP_DOWN_DELAYS,
  garpGroups: GARP_GROUPS,
  trackGroups: namedBlocks(TRACK_GROUP, {doc: 'virtual routers that static addresses, routes and rules matter to'}),
  ...STATIC_OBJECTS,
  scripts: namedBlocks(SCRIPT, {
    doc: 'a program whose result virtual routers can track',
    duplicate: 'script-duplicate',
  }),
  trackFiles: TRACK_FILES,
  trackProcesses: namedBlocks(TRACK_PROCESS, {
    doc: 'a program whose processes virtual routers can track',
    duplicate: 'tracked-duplicate',
  }),
  bfdInstances: BFD_INSTANCES,
  instances: namedBlocks(INSTANCE, {doc: 'a virtual router'}),
  syncGroups: namedBlocks(SYNC_GROUP, {doc: 'virtual routers that change state together'}),
  ssl: SSL_BLOCK,
  virtualServerGroups: SERVER_GROUPS,
  virtualServers: headedBlocks(VIRTUAL_SERVER, VIRTUAL_SERVER_HEAD, {
    doc: 'a service that is spread over real servers',
  }),
})

/** Which kinds of block know a keyword; the empty name is that of the root. */
export function homesOf(keyword: string): readonly string[] {
  homes ??= collectHomes()
  return homes.get(keyword) ?? []
}

let homes: Map<string, string[]> | undefined

function collectHomes(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const visit = (grammar: Grammar, name: string): void => {
    for (const keyword of [...grammar.words, ...grammar.blocks.keys()]) {
      const places = found.get(keyword) ?? []
      if (!places.includes(name)) found.set(keyword, [...places, name])
    }
    for (const [inner, child] of grammar.blocks) visit(child, inner)
  }
  visit(ROOT.grammar, '')
  return found
}
