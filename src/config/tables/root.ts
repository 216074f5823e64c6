import {KNOWN_AT_ROOT} from '../known-keywords.ts'
import {block, namedBlocks} from '../schema/entries.ts'
import {type BlockValue, blockKind} from '../schema/schema.ts'
import type {Grammar} from '../text/blocks.ts'
import {GLOBAL, type GlobalSettings} from './global-defs.ts'
import {INSTANCE, type InstanceSettings} from './vrrp-instance.ts'
import {SCRIPT, type ScriptSettings} from './vrrp-script.ts'

/** A whole configuration as it stands in the text. */
export interface RootSettings {
  readonly global: BlockValue<GlobalSettings> | undefined
  readonly scripts: readonly BlockValue<ScriptSettings>[]
  readonly instances: readonly BlockValue<InstanceSettings>[]
}

/** The table of what stands outside of blocks. */
export const ROOT = blockKind<RootSettings>(
  '',
  {
    global: block(GLOBAL, 'settings of the whole agent'),
    scripts: namedBlocks(SCRIPT, 'a program whose result virtual routers can track'),
    instances: namedBlocks(INSTANCE, 'a virtual router'),
  },
  KNOWN_AT_ROOT,
)

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
