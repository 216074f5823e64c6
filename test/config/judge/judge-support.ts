import {describe, expect, it} from 'vitest'
import type {DiagnosticClass, Severity} from '../../../src/config/config.ts'
import {parse} from '../support.ts'

/** A sentence, a configuration, and the finding in it as `LINE:COLUMN message`. */
export type Found = readonly [sentence: string, text: string, finding: string]

/** A sentence, and a configuration without such a finding. */
export type NearMiss = readonly [sentence: string, text: string]

/** What one kind of finding is, where it is made, and where it is nearly made. */
export interface Judgement {
  readonly code: string
  readonly severity: Severity
  readonly class: DiagnosticClass
  readonly found: readonly Found[]
  readonly nearMisses: readonly NearMiss[]
}

/** Expects that a text has exactly these findings of one kind. */
export function describeJudgement(what: string, {code, severity, class: kind, found, nearMisses}: Judgement): void {
  const judged = (text: string) => parse(text).diagnostics.filter(finding => finding.code === code)
  describe(`${code}, ${what},`, () => {
    it.each(found)('is found: %s', (_sentence, text, finding) => {
      const findings = judged(text)
      expect(findings.map(({position: {line, column}, message}) => `${line}:${column} ${message}`)).toEqual([finding])
      expect(findings[0]).toMatchObject({severity, class: kind, hint: expect.stringMatching(/\S/)})
    })

    it.each(nearMisses)('is not found: %s', (_sentence, text) => {
      expect(judged(text)).toEqual([])
    })
  })
}

/** A virtual router with a name; its own lines are from the third on. */
export const router = (name: string, ...lines: string[]): string =>
  [`vrrp_instance ${name} {`, ' interface eth0', ...lines, '}'].join('\n')

/** A virtual server for TCP; its own lines are from the fifth on. */
export const server = (name: string, ...lines: string[]): string =>
  [`virtual_server ${name} {`, ' protocol TCP', ' lb_algo wrr', ' lb_kind NAT', ...lines, '}'].join('\n')

/** A real server in one line. */
export const real = (name: string, ...settings: string[]): string =>
  [` real_server ${name} {`, ...settings.map(setting => `  ${setting}`), ' }'].join('\n')
