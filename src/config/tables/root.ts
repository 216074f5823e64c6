import {block, namedBlocks} from '../schema/entries.ts'
import {blockKind, type Item} from '../schema/schema.ts'
import type {Grammar} from '../text/blocks.ts'
import {GLOBAL, type GlobalSettings} from './global-defs.ts'
import {SYNC_GROUP, type SyncGroupSettings} from './sync-group.ts'
import {INSTANCE, type InstanceSettings} from './vrrp-instance.ts'
import {SCRIPT, type ScriptSettings} from './vrrp-script.ts'

/** A whole configuration as it stands in the text. Fields stand in the order in which they are written again. */
export interface RootSettings {
  readonly global: Item<GlobalSettings> | undefined
  readonly scripts: readonly Item<ScriptSettings>[]
  readonly instances: readonly Item<InstanceSettings>[]
  readonly syncGroups: readonly Item<SyncGroupSettings>[]
}

/** The table of what stands outside of blocks. */
export const ROOT = blockKind<RootSettings>('', {
  global: block(GLOBAL, {doc: 'settings of the whole agent'}),
  scripts: namedBlocks(SCRIPT, {
    doc: 'a program whose result virtual routers can track',
    duplicate: 'script-duplicate',
  }),
  instances: namedBlocks(INSTANCE, {doc: 'a virtual router'}),
  syncGroups: namedBlocks(SYNC_GROUP, {doc: 'virtual routers that change state together'}),
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
