import type {ConfigChange, ConfigDiffReply, DiagnosticReply} from '../control/model.ts'
import {counted} from '../core/format.ts'
import type {Finding} from '../diagnostics/finding.ts'
import {type Colour, paint} from './colour.ts'

/** What a reload would do to each object that differs, then how many do not. */
export function reloadText({changes, kept, overrides}: ConfigDiffReply): string {
  const same = `${counted(kept, 'object')} ${kept === 1 ? 'stays as it is' : 'stay as they are'}`
  const operators = overrides.map(text => paint('dim', `changed by an operator, and stays: ${printable(text)}`))
  const rest = changes.length > 0 ? paint('dim', same) : `no difference: ${same}`
  return [...changes.flatMap(changeLines), rest, ...operators].join('\n')
}

/** A finding that an agent reported, as findings are shown. */
export function findingOf({file, line, column, hint, ...rest}: DiagnosticReply): Finding {
  return {...rest, position: {file, line, column}, ...(hint === null ? {} : {hint})}
}

function changeLines({object, change, effect, reason, lines}: ConfigChange): readonly string[] {
  const {words, colour} = EFFECTS[effect]
  const why = reason === null ? '' : `: ${reason}`
  const what = change === 'changed' ? [] : change === 'same' ? [] : [`  ${change}`]
  return [`${paint('bold', printable(object))}: ${paint(colour, words)}${why}`, ...what, ...lines.map(indented)]
}

const indented = (line: string): string => `  ${printable(line)}`

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')

const EFFECTS: {readonly [effect in ConfigChange['effect']]: {readonly words: string; readonly colour: Colour}} = {
  keep: {words: 'kept', colour: 'dim'},
  'in-place': {words: 'changed in place', colour: 'green'},
  start: {words: 'started', colour: 'green'},
  restart: {words: 'restarted', colour: 'yellow'},
  stop: {words: 'stopped', colour: 'red'},
  'not-acted-on': {words: 'not acted on', colour: 'dim'},
}
