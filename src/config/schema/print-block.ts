import type {BlockKind, Entry, Item, Printed, PrintMode} from './schema.ts'

/** The statements that a block consists of, in the order of its table. */
export function printBlock<Settings>(
  kind: BlockKind<Settings>,
  item: Item<Settings>,
  mode: PrintMode,
): readonly Printed[] {
  const printed: Printed[] = []
  for (const [field, entry] of Object.entries(kind.schema) as [keyof Settings, Entry<unknown>][]) {
    if (mode === 'given' && item.at[field] === undefined) continue
    for (const statement of entry.print(item[field], mode)) printed.push({...statement, field: String(field)})
  }
  return printed
}

/** Statements as text: two spaces a level, every brace as keepalived.conf(5) shows it. */
export function printedText(statements: readonly Printed[], indent = ''): string {
  let text = ''
  for (const {text: line, block} of statements) {
    if (indent === '' && text !== '' && block) text += '\n'
    if (!block) text += `${indent}${line}\n`
    else text += `${indent}${line} {\n${printedText(block, `${indent}  `)}${indent}}\n`
  }
  return text
}
