import type {Diagnostic} from '../../config/config.ts'
import type {ReloadReply} from '../../control/model.ts'

/** Where a finding is: "FILE:LINE:COLUMN". */
export const place = ({position}: Diagnostic): string => `${position.file}:${position.line}:${position.column}`

/** A finding as the API tells it. */
export function reply(diagnostic: Diagnostic): ReloadReply['diagnostics'][number] {
  const {code, severity, position, message, hint} = diagnostic
  return {code, severity, class: diagnostic.class, ...position, message, hint: hint ?? null}
}
