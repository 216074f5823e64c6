import {type AgentClient, agentClient} from '../control/client.ts'
import {errorText, HactlError} from '../errors.ts'
import type {ClusterPicture, NodeAddress, NodePicture} from '../watch/model.ts'
import type {Subject, Tone} from './model.ts'

/** What somebody wants to be done. */
export interface ActionRequest {
  readonly picture: ClusterPicture
  readonly subject: Subject
  /** The position of the node that is chosen. */
  readonly node: number
  /** Where it is to be done: a node, or all that have it; null: where it is done by default. */
  readonly where: Where | null
  readonly answers: Answers
}

/** The position of a node, or all nodes that have it and answer. */
export type Where = number | 'all'

/** What was typed; empty: nothing. */
export interface Answers {
  readonly reason?: string
  readonly weight?: string
}

/** What is done and what it has an effect on. */
export interface ActionPlan {
  /** "Take over VI_1 on lb2?" */
  readonly title: string
  /** The blast radius, the worst first. */
  readonly effects: readonly Effect[]
  /** One for each node. */
  readonly steps: readonly ActionStep[]
  readonly where: Where
  /** Everywhere that it could be done. */
  readonly choices: readonly Where[]
  /** What has to be asked before. */
  readonly questions: readonly Question[]
}

export interface Effect {
  readonly text: string
  readonly tone?: Tone
  /** A figure that changes all the time: a plan in which nothing else differs is the same plan. */
  readonly isFigure?: boolean
}

/** One order to one agent. */
export interface ActionStep {
  readonly node: NodeAddress
  /** What does the same from a shell. */
  readonly commandLine: string
  /** Gives the order; resolves to what came of it, in words. Rejects with `HactlError`. */
  readonly send: (agent: AgentClient) => Promise<readonly string[]>
}

/** Something that has to be typed. */
export interface Question {
  readonly name: keyof Answers
  readonly text: string
  readonly initial: string
  /** What is wrong with an answer; null: nothing. */
  readonly problem: (answer: string) => string | null
}

/** What became of one step. */
export interface StepOutcome {
  readonly node: string
  readonly ok: boolean
  readonly lines: readonly string[]
}

/** One kind of order: the plan of it, or in one line why there is none. Pure. */
export interface Action {
  readonly key: string
  /** For the help. */
  readonly words: string
  readonly plan: (request: ActionRequest) => ActionPlan | string
}

/** Carries out all steps at once: what fails on one node does not keep it from the others. Never rejects. */
export function carryOut(steps: readonly ActionStep[]): Promise<readonly StepOutcome[]> {
  return Promise.all(
    steps.map(async ({node, send}): Promise<StepOutcome> => {
      try {
        return {node: node.name, ok: true, lines: await send(agentClient({...node.target, isUnattended: true}))}
      } catch (error) {
        const hint = error instanceof HactlError && error.hint !== undefined ? [`hint: ${error.hint}`] : []
        return {node: node.name, ok: false, lines: [errorText(error), ...hint]}
      }
    }),
  )
}

/** Whether two plans are the same but for figures that change all the time. */
export function isSamePlan(a: ActionPlan, b: ActionPlan): boolean {
  return essence(a) === essence(b)
}

/** Why no order can be given to a node, in one line; null: it can. */
export function whyNoOrders(node: NodePicture | undefined): string | null {
  if (node === undefined) return 'there is no such node'
  const {address, state, problem, isReadOnly} = node
  if (isReadOnly) return `${address.name} is reached by its read-only socket: no orders from here`
  if (state === 'live' || state === 'late') return null
  return `${address.name} is UNKNOWN (${problem ?? 'it has not said anything yet'}): no orders go there`
}

/** A place of a reason, which may stay empty; reasons of agents have at most 200 characters. */
export const REASON: Question = {
  name: 'reason',
  text: 'reason, shown wherever the state is (Enter: none)',
  initial: '',
  problem: answer => (answer.length <= MAX_REASON ? null : `at most ${MAX_REASON} characters`),
}

/** A reason as a field of a call and of a command line; nothing where none was given. */
export function reasonOf({reason = ''}: Answers): {readonly reason?: string} {
  const text = reason.trim()
  return text === '' ? {} : {reason: text}
}

const MAX_REASON = 200

function essence({title, effects, steps}: ActionPlan): string {
  const lasting = effects.filter(({isFigure}) => isFigure !== true).map(({text}) => text)
  return JSON.stringify([title, lasting, steps.map(({commandLine}) => commandLine)])
}
