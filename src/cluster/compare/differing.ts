import type {InstanceConfig, Position} from '../../config/config.ts'
import {enumerated, type Place, type Remark} from '../findings.ts'
import type {Member} from '../node.ts'

/** Members that are not all alike: the first that departs from what most have, and the others by what they have. */
export interface Difference {
  /** The finding is reported here. */
  readonly odd: Member
  /** Those that most are like, or the first node's where none are more. */
  readonly usual: readonly [Member, ...Member[]]
  /** One of each other kind. */
  readonly others: readonly Member[]
}

/** Whether members differ in what `keyOf` gives; those for which it gives undefined are left out. */
export function differing(
  members: readonly Member[],
  keyOf: (member: Member) => string | number | boolean | undefined,
): Difference | undefined {
  const kinds = new Map<string, [Member, ...Member[]]>()
  for (const member of members) {
    const key = keyOf(member)
    if (key === undefined) continue
    const alike = kinds.get(String(key))
    if (alike) alike.push(member)
    else kinds.set(String(key), [member])
  }
  const [usual, second, ...more] = [...kinds.values()].toSorted((a, b) => b.length - a.length)
  if (!usual || !second) return undefined
  return {odd: second[0], usual, others: more.map(([first]) => first)}
}

/** Where a member sets something, or its head where it inherits it. */
export function placeOf({node, instance}: Member, field?: keyof InstanceConfig['at']): Place {
  return {node, position: positionOf(instance, field)}
}

/** A place of a member with what is to be seen there. */
export function remarkOn(member: Member, field: keyof InstanceConfig['at'] | undefined, message: string): Remark {
  return {...placeOf(member, field), message}
}

/** The nodes of members, as a sentence has them. */
export const nodesOf = (members: readonly Member[]): string => enumerated(members.map(({nodeName}) => nodeName))

function positionOf(instance: InstanceConfig, field: keyof InstanceConfig['at'] | undefined): Position {
  return (field && instance.at[field]) ?? instance.position
}
