import {ORDERS} from './actions.ts'
import {KEY_GROUPS, KEYS} from './keys.ts'
import {property, span} from './lines.ts'
import type {Drawing, Line} from './model.ts'

/** The help: made of the same tables that the keys do what they do by. */
export function helpLines({width, glyphs}: Drawing): readonly Line[] {
  const lines: Line[] = []
  for (const group of KEY_GROUPS) {
    lines.push([span(group, 'strong')])
    for (const {shown, words} of KEYS.filter(key => key.group === group))
      lines.push(...property(`  ${shown}`, words, width))
  }
  lines.push([span('orders, each shown with its consequences and asked for', 'strong')])
  for (const {key, words} of ORDERS) lines.push(...property(`  ${key}`, words, width))
  const {master, backup, fault, init, unknown, absent, up, down, paused, critical, warning} = glyphs
  const symbols = [
    [`${master} ${backup} ${fault} ${init}`, 'master, backup, fault, init'],
    [`${unknown} ${absent}`, 'unknown: its node is silent; not there'],
    [`${up} ${down} ${paused}`, 'up or in service, down or out of it, paused'],
    [`${critical} ${warning}`, 'critical, warning'],
  ] as const
  lines.push([span('symbols', 'strong')], ...symbols.flatMap(([shown, words]) => property(`  ${shown}`, words, width)))
  return lines
}
