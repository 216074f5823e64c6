import type {Config} from '../config.ts'
import type {Findings} from '../findings.ts'
import {CHECKER_LINTS} from './checkers.ts'
import type {Lint} from './lint.ts'
import {MAIL_LINTS} from './mail.ts'
import {VERSION_LINTS} from './older-versions.ts'
import {PRIORITY_LINTS} from './priorities.ts'
import {SAMPLE_LINTS} from './samples.ts'
import {SCRIPT_LINTS} from './scripts.ts'
import {SECRET_LINTS} from './secrets.ts'
import {ROUTER_LINTS} from './virtual-routers.ts'
import {SERVER_LINTS} from './virtual-servers.ts'

/** Everything that is looked for in a configuration that can be read: what is permitted, and still unwise. */
export const LINTS: readonly Lint[] = [
  ...ROUTER_LINTS,
  ...PRIORITY_LINTS,
  ...SECRET_LINTS,
  ...SCRIPT_LINTS,
  ...SERVER_LINTS,
  ...CHECKER_LINTS,
  ...MAIL_LINTS,
  ...SAMPLE_LINTS,
  ...VERSION_LINTS,
]

/** Reports what one node's configuration shows by itself; what takes its peers' to see is found elsewhere. */
export function judge(config: Config, findings: Findings): void {
  for (const {name, check} of LINTS) {
    check(config, (position, message, hint) => findings.report(name, position, message, hint))
  }
}
