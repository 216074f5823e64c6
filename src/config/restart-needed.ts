import type {Config} from './config.ts'

/**
 * What a reload cannot change, as a reason to refuse it whole; undefined: nothing of the kind differs. keepalived
 * refuses likewise: a process cannot leave its network namespace with what it owns there. keepalived.conf(5)
 */
export function whyRestartNeeded(before: Config, after: Config): string | undefined {
  for (const {keyword, of} of FIXED) {
    const [was, is] = [of(before), of(after)]
    if (was === is) continue
    const [from, to] = [was ?? 'none', is ?? 'none']
    return `${keyword} cannot change at a reload (${from} -> ${to}): restart the agent for it`
  }
  return undefined
}

/** Settings that are fixed at the start. */
const FIXED: readonly {readonly keyword: string; readonly of: (config: Config) => string | undefined}[] = [
  {keyword: 'net_namespace', of: ({netNamespace}) => netNamespace},
  {keyword: 'instance', of: ({instanceName}) => instanceName},
]
