import {
  type Action,
  type ActionPlan,
  type ActionRequest,
  carryOut,
  isSamePlan,
  type StepOutcome,
} from './action-plan.ts'
import {commandLineParts} from './command-words.ts'
import {lineWidth, span, wrapText} from './lines.ts'
import type {Drawing, Line, Span} from './model.ts'
import {nameOf} from './sorting.ts'
import type {Dialog, DialogContext, OrderContext} from './state.ts'
import {editText, type TextInput, textInput} from './text-input.ts'

/** How steps are carried out; only tests need another way. */
export type CarryOut = typeof carryOut

/**
 * The question that an order begins with, or in one line why there is none: what has to be typed, then what it would
 * do, then what came of it. Nothing is done without a yes.
 */
export function beginAction(action: Action, context: OrderContext, run: CarryOut = carryOut): Dialog | string {
  const {picture, subject, node} = context
  if (subject === null) return 'there is nothing under the cursor'
  const request: ActionRequest = {picture, subject, node, where: null, answers: {}}
  const plan = action.plan(request)
  if (typeof plan === 'string') return plan
  const asked: Asked = {action, request, run}
  return plan.questions.length === 0 ? confirming(asked, plan) : asking(asked, plan, {at: 0, problem: null})
}

interface Asked {
  readonly action: Action
  readonly request: ActionRequest
  readonly run: CarryOut
}

interface Asking {
  /** Which of the plan's questions. */
  readonly at: number
  readonly input?: TextInput
  /** What is wrong with what was typed; null: nothing is known to be. */
  readonly problem: string | null
}

/** Something is typed, under what is known already of what it would do. */
function asking(asked: Asked, plan: ActionPlan, {at, input: typed, problem}: Asking): Dialog {
  const question = plan.questions[at]
  if (question === undefined) return confirming(asked, plan)
  const input = typed ?? textInput(question.initial)
  const self: Dialog = {
    title: plan.title,
    lines: (_picture, drawing, height) => {
      const foot: Line[] = [
        [],
        [span(question.text, 'strong')],
        inputLine(input, drawing),
        problem === null ? [] : [span(`${drawing.glyphs.down} ${problem}`, 'bad')],
        keysLine([
          ['Enter', 'go on'],
          ['Esc', 'leave it'],
        ]),
      ]
      return [...bounded(effectLines(plan, drawing), height - foot.length), ...foot].slice(-height)
    },
    key: (key, {picture}) => {
      if (key.name === 'escape' || key.name === 'ctrl-c') return null
      if (key.name !== 'enter') {
        const edited = editText(input, key)
        return edited === undefined ? self : asking(asked, plan, {at, input: edited, problem: null})
      }
      const answer = input.text.trim()
      const wrong = question.problem(answer)
      if (wrong !== null) return asking(asked, plan, {at, input, problem: wrong})
      const answers = {...asked.request.answers, [question.name]: answer}
      const request = {...asked.request, picture, answers}
      const next = asked.action.plan(request)
      if (typeof next === 'string') return refused(plan.title, next)
      return asking({...asked, request}, next, {at: at + 1, problem: null})
    },
  }
  return self
}

interface Confirming {
  readonly isYes?: boolean
  /** The state was another one when it was last asked. */
  readonly hasChanged?: boolean
}

/** Yes or no; no is chosen. */
function confirming(asked: Asked, plan: ActionPlan, {isYes = false, hasChanged = false}: Confirming = {}): Dialog {
  const {action, request} = asked
  const self: Dialog = {
    title: plan.title,
    lines: (picture, drawing, height) => {
      const now = action.plan({...request, picture})
      const isStill = typeof now !== 'string' && isSamePlan(now, plan)
      const notes: Line[] = []
      const {warning} = drawing.glyphs
      if (hasChanged) notes.push([span(`${warning} CHANGED while the question stood: look again`, 'warning')])
      if (!isStill) notes.push([span(`${warning} CHANGED since this was asked: Yes asks again`, 'warning')])
      const effects = effectLines(isStill ? now : plan, drawing)
      return confirmLines({notes, effects, plan, isYes, picture, height}, drawing)
    },
    key: (key, context) => {
      switch (key.name) {
        case 'y':
          return confirmed(asked, plan, context)
        case 'enter':
          return isYes ? confirmed(asked, plan, context) : left(context)
        case 'n':
        case 'escape':
        case 'ctrl-c':
          return left(context)
        case 'tab':
        case 'shift-tab':
        case 'left':
        case 'right':
        case 'h':
        case 'l':
          return confirming(asked, plan, {isYes: !isYes, hasChanged})
        case 'o':
          return elsewhere(asked, plan, context)
        default:
          return self
      }
    },
  }
  return self
}

function left({dispatch}: DialogContext): null {
  dispatch({type: 'message', message: {text: 'nothing was done', tone: 'dim'}})
  return null
}

/** The same order, somewhere else. */
function elsewhere(asked: Asked, plan: ActionPlan, {picture}: DialogContext): Dialog {
  const {choices, where} = plan
  const next = choices[(choices.indexOf(where) + 1) % Math.max(1, choices.length)]
  if (next === undefined || next === where) return confirming(asked, plan)
  const request = {...asked.request, picture, where: next}
  const other = asked.action.plan(request)
  return typeof other === 'string' ? refused(plan.title, other) : confirming({...asked, request}, other)
}

/** A yes to what is no longer so is none: it is asked again. */
function confirmed(asked: Asked, plan: ActionPlan, {picture, dispatch}: DialogContext): Dialog {
  const request = {...asked.request, picture}
  const now = asked.action.plan(request)
  if (typeof now === 'string') return refused(plan.title, now)
  if (!isSamePlan(now, plan)) return confirming({...asked, request}, now, {hasChanged: true})
  return working({...asked, request}, now, dispatch)
}

function working({run}: Asked, plan: ActionPlan, dispatch: DialogContext['dispatch']): Dialog {
  let isLeft = false
  const self: Dialog = {
    title: plan.title,
    lines: (_picture, drawing, height) =>
      [
        [span(`waiting for ${plan.steps.map(({node}) => node.name).join(', ')} …`, 'strong')],
        [],
        ...commandLines(plan, drawing),
        [],
        keysLine([['Esc', 'do not wait: it goes on all the same']]),
      ].slice(0, height),
    key: key => {
      isLeft = key.name === 'escape' || key.name === 'ctrl-c'
      return isLeft ? null : self
    },
  }
  void run(plan.steps).then(outcomes => {
    const failed = outcomes.filter(({ok}) => !ok)
    if (!isLeft) return dispatch({type: 'replace-dialog', from: self, to: done(plan, outcomes)})
    const bad = failed.map(({node, lines}) => `${node}: ${lines[0] ?? 'failed'}`).join('; ')
    const text = failed.length === 0 ? `done: ${plan.title.replace(/\?$/, '')}` : `FAILED on ${bad}`
    dispatch({type: 'message', message: {text, tone: failed.length === 0 ? 'good' : 'bad'}})
  })
  return self
}

/** What came of it, a block a node; any key closes it. */
function done(plan: ActionPlan, outcomes: readonly StepOutcome[]): Dialog {
  return closing(plan.title, drawing =>
    outcomes.flatMap(({node, ok, lines}) => {
      const {glyphs, width} = drawing
      const head: Line = [
        ok ? span(`${glyphs.up} DONE`, 'good') : span(`${glyphs.down} FAILED`, 'bad'),
        span(`  ${node}`),
      ]
      return [head, ...lines.flatMap(line => wrapText(line, width - 2).map(part => [span(`  ${part}`)]))]
    }),
  )
}

/** There is nothing to be asked any more. */
function refused(title: string, text: string): Dialog {
  return closing(title, ({width, glyphs}) =>
    wrapText(`${glyphs.warning} NOT DONE  ${text}`, width).map(part => [span(part, 'warning')]),
  )
}

function closing(title: string, content: (drawing: Drawing) => readonly Line[]): Dialog {
  return {
    title,
    lines: (_picture, drawing, height) => [
      ...bounded(content(drawing), height - 2),
      [],
      keysLine([['any key', 'back']]),
    ],
    key: () => null,
  }
}

interface ConfirmView {
  readonly notes: readonly Line[]
  readonly effects: readonly Line[]
  readonly plan: ActionPlan
  readonly isYes: boolean
  readonly picture: ActionRequest['picture']
  readonly height: number
}

/** What it would do, how a shell does it, and Yes and No, which are always there. */
function confirmLines({notes, effects, plan, isYes, picture, height}: ConfirmView, drawing: Drawing): readonly Line[] {
  const {choices, where} = plan
  const other = choices[(choices.indexOf(where) + 1) % Math.max(1, choices.length)]
  const {cursor} = drawing.glyphs
  const button = (text: string, isChosen: boolean): Span =>
    span(`${isChosen ? cursor : ' '}[ ${text} ]`, isChosen ? 'strong' : 'dim')
  const foot: readonly Line[] = [
    [button('No', !isYes), span('  '), button('Yes', isYes)],
    keysLine([
      ['y', 'yes'],
      ['n Esc', 'no'],
      ['Tab', 'choose'],
      ['Enter', 'take it'],
      ...(other === undefined || other === where
        ? []
        : [['o', other === 'all' ? 'on all nodes' : `on ${nameOf(picture, other)} instead`] as const]),
    ]),
  ]
  const commands: readonly Line[] = [[span('the same from a shell:', 'dim')], ...commandLines(plan, drawing)]
  const room = height - foot.length - notes.length - 2
  const least = Math.min(effects.length, LEAST_EFFECTS)
  const shownCommands = bounded(commands, Math.max(1, room - least))
  const shownEffects = bounded(effects, Math.max(1, room - shownCommands.length))
  return [...notes, ...shownEffects, [], ...shownCommands, [], ...foot].slice(-height)
}

/** The worst effects are shown however long the command lines are. */
const LEAST_EFFECTS = 5

function effectLines({effects}: ActionPlan, {width, glyphs}: Drawing): readonly Line[] {
  return effects.flatMap(({text, tone}) => {
    const symbol = tone === 'bad' ? glyphs.critical : tone === undefined ? ' ' : glyphs.warning
    const parts = wrapText(text, width - 2)
    return parts.map((part, at): Line => [span(`${at === 0 ? symbol : ' '} ${part}`, tone)])
  })
}

const commandLines = ({steps}: ActionPlan, {width}: Drawing): readonly Line[] =>
  steps.flatMap(({commandLine}) =>
    commandLineParts(commandLine, width - 4).map((part, at): Line => [span(`${at === 0 ? '  ' : '    '}${part}`)]),
  )

/** As many lines as there is room for; the last one tells how many more there are. */
function bounded(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines
  const kept = Math.max(0, most - 1)
  return [...lines.slice(0, kept), [span(`  and ${lines.length - kept} more lines`, 'dim')]].slice(0, Math.max(0, most))
}

function keysLine(keys: readonly (readonly [string, string])[]): Line {
  return keys.flatMap(([key, words]) => [span(key, 'strong'), span(` ${words}  `)])
}

/** The end of a long line is what is looked at; the place of the next character is marked. */
function inputLine({text, at}: TextInput, {width, glyphs}: Drawing): Line {
  const characters = [...text]
  const mark = span(`${glyphs.cursor} `, 'strong')
  const room = Math.max(1, width - lineWidth([mark]) - 1)
  const first = Math.max(0, at - room + 1)
  return [
    mark,
    span(characters.slice(first, at).join('')),
    span('_', 'strong'),
    span(characters.slice(at, first + room).join('')),
  ]
}
