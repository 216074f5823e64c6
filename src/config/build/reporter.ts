import type {Position} from '../config.ts'
import type {DiagnosticName} from '../diagnostic-codes.ts'
import type {Findings} from '../findings.ts'
import type {ItemFacts} from '../schema/schema.ts'

/** Reports at the line that set a field, or at a position, or at the head of the block; the message gets its name. */
export type Report<Settings> = (
  name: DiagnosticName,
  where: keyof Settings | Position | undefined,
  message: string,
  hint?: string,
) => void

/** A reporter of findings about one object. */
export function reporter<Settings>(item: ItemFacts<Settings>, findings: Findings): Report<Settings> {
  return (name, where, message, hint) => {
    const position = isPosition(where) ? where : where === undefined ? undefined : item.at[where]
    findings.report(name, position ?? item.position, `${item.name}: ${message}`, hint)
  }
}

const isPosition = (where: unknown): where is Position => typeof where === 'object' && where !== null
