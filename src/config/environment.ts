import type {Config, Diagnostic} from './config.ts'
import {ADDRESS_CHECKS} from './environment/addresses.ts'
import type {HostCheck} from './environment/check.ts'
import {FILE_CHECKS} from './environment/files.ts'
import type {HostView} from './environment/host.ts'
import {INTERFACE_CHECKS} from './environment/interfaces.ts'
import {KERNEL_CHECKS} from './environment/kernel.ts'
import {NAME_CHECKS} from './environment/names.ts'
import {PROGRAM_CHECKS} from './environment/programs.ts'
import {newFindings} from './findings.ts'

/**
 * What a configuration needs and one host lacks. Another host may have it, so this is kept apart from what is wrong
 * with the text. Nothing is reported that could not be found out.
 */
export function checkEnvironment(config: Config, host: HostView): readonly Diagnostic[] {
  const findings = newFindings()
  for (const check of CHECKS) check(config, host, findings.report)
  return findings.list([])
}

const CHECKS: readonly HostCheck[] = [
  ...INTERFACE_CHECKS,
  ...ADDRESS_CHECKS,
  ...PROGRAM_CHECKS,
  ...FILE_CHECKS,
  ...KERNEL_CHECKS,
  ...NAME_CHECKS,
]
