import type {Conditions} from './state.ts'

/** Whose conditions they are, and what holds for it alone. */
export interface Conditioned {
  readonly name: string
  readonly own: Conditions
}

/** So many reasons of other members are told of each; the rest is a number. */
const REASONS_OF_OTHERS = 8

/**
 * The conditions of each member of a sync group: its own, the faults of all others, what they wait for, and why they
 * are held. Where nobody else has any, they are the very object that it has of its own.
 */
export function sharedConditions(members: readonly Conditioned[]): readonly Conditions[] {
  if (members.every(({own}) => isFree(own))) return members.map(({own}) => own)
  const faults = members.flatMap(named('faults'))
  const waitingFor = members.flatMap(named('waitingFor'))
  const holds = members.flatMap(({name, own}, member) =>
    own.held === undefined ? [] : [{member, text: `${name}: ${own.held}`}],
  )
  return members.map(({own}, i) => ({
    ...own,
    faults: [...own.faults, ...ofOthers(faults, i)],
    waitingFor: [...own.waitingFor, ...ofOthers(waitingFor, i)],
    held: own.held ?? holds.find(({member}) => member !== i)?.text,
  }))
}

/** Same content, so that a machine need not be told. */
export function sameConditions(a: Conditions, b: Conditions): boolean {
  if (a === b) return true
  return (
    a.priority === b.priority &&
    a.source === b.source &&
    a.held === b.held &&
    sameTexts(a.faults, b.faults) &&
    sameTexts(a.waitingFor, b.waitingFor)
  )
}

const isFree = ({faults, waitingFor, held}: Conditions): boolean =>
  faults.length === 0 && waitingFor.length === 0 && held === undefined

interface Reason {
  readonly member: number
  readonly text: string
}

const named =
  (texts: 'faults' | 'waitingFor') =>
  ({name, own}: Conditioned, member: number): readonly Reason[] =>
    own[texts].map(text => ({member, text: `${name}: ${text}`}))

function ofOthers(reasons: readonly Reason[], self: number): readonly string[] {
  const others: string[] = []
  let left = 0
  for (const {member, text} of reasons) {
    if (member === self) continue
    if (others.length < REASONS_OF_OTHERS) others.push(text)
    else left++
  }
  return left === 0 ? others : [...others, `and ${left} more in its sync group`]
}

const sameTexts = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, i) => text === b[i])
