import {type BlockFacts, type BlockHead, headedBlocks} from '../schema/entries.ts'
import type {BlockKind, Entry, Item} from '../schema/schema.ts'

/** Blocks without a name, of which each is one of its own. */
export function repeatedBlocks<Settings>(
  kind: BlockKind<Settings>,
  facts: BlockFacts,
): Entry<readonly Item<Settings>[]> {
  const entry = headedBlocks(kind, NO_HEAD, facts)
  return {...entry, keywords: entry.keywords.map(keyword => ({...keyword, form: '{ … }'}))}
}

const NO_HEAD: BlockHead<object> = {
  form: '',
  duplicate: undefined,
  nameOf: () => '',
  read: () => ({}),
  print: () => '',
}
