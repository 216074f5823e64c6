import type {Config} from './config.ts'
import {type Plain, plainConfig} from './plain.ts'
import {printBlock, printedText} from './schema/print-block.ts'
import type {PrintMode} from './schema/schema.ts'
import {maskedStatements} from './secrets.ts'
import {ROOT} from './tables/root.ts'

/** How a configuration is read back. */
export interface ReadBackOptions {
  readonly mode: PrintMode
  /** False: every secret is masked, so that the text does not give the same configuration again. */
  readonly secrets: boolean
}

/** A configuration as text of keepalived.conf that gives the same configuration again. */
export function configText(config: Config, {mode, secrets}: ReadBackOptions): string {
  const statements = printBlock(ROOT, config, mode)
  return printedText(secrets ? statements : maskedStatements(statements))
}

/** A configuration both as text and as values. */
export function readBack(
  config: Config,
  options: ReadBackOptions,
): {readonly text: string; readonly config: {readonly [object: string]: Plain}} {
  return {text: configText(config, options), config: plainConfig(config, options)}
}
