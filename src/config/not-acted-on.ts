import type {Findings} from './findings.ts'
import {KNOWN_AT_ROOT, KNOWN_IN_GLOBAL, KNOWN_IN_INSTANCE, type KnownKeywords} from './known-keywords.ts'
import type {NotActedOn} from './schema/schema.ts'

/** Says once for each keyword that it is accepted but not acted on, and what that changes. */
export function reportNotActedOn(uses: readonly NotActedOn[], findings: Findings): void {
  const groups = new Map<string, [NotActedOn, ...NotActedOn[]]>()
  for (const use of uses) {
    const key = `${use.within} ${use.keyword}`
    const group = groups.get(key)
    if (group) group.push(use)
    else groups.set(key, [use])
  }
  for (const group of groups.values()) reportGroup(group, findings)
}

const KNOWN: {readonly [kind: string]: KnownKeywords} = {
  '': KNOWN_AT_ROOT,
  global_defs: KNOWN_IN_GLOBAL,
  vrrp_instance: KNOWN_IN_INSTANCE,
}

function reportGroup(group: readonly [NotActedOn, ...NotActedOn[]], findings: Findings): void {
  const [first] = group
  const {keyword, within, statement} = first
  const effect = KNOWN[within]?.effects.get(keyword)
  // These were reported where the virtual routers were left out.
  if (effect?.leavesOut) return
  const times = group.length > 1 ? ` (${group.length} times in this configuration)` : ''
  const owner = first.owner === '' ? '' : `${first.owner}: `
  if (effect) {
    const message = `${owner}${keyword} is not supported yet${times}: ${effect.text}`
    findings.report('not-acted-on-changes', statement.position, message)
  } else {
    findings.report('not-acted-on', statement.position, `${owner}${keyword} is accepted, but not acted on yet${times}`)
  }
}
