import type {LoadedConfig} from '../../../src/config/config.ts'
import type {CheckerConfig, RealServerConfig, VirtualServerConfig} from '../../../src/config/lvs-config.ts'

/** What a virtual server has to say; what a test says itself takes the place of it. */
const NEEDED: readonly (readonly [keywords: RegExp, line: string])[] = [
  [/^protocol\b/, 'protocol TCP'],
  [/^(lvs_sched|lb_algo)\b/, 'lvs_sched rr'],
  [/^(lvs_method|lb_kind)\b/, 'lvs_method NAT'],
]
const NEEDED_OF_MARK = NEEDED.slice(1)

/** A virtual server whose own lines begin at line 2; what it lacks follows them. */
export function serviceText(lines: readonly string[], head = '10.1.0.1 80', server = '10.2.0.1 80'): string {
  const needed = head.startsWith('fwmark') ? NEEDED_OF_MARK : NEEDED
  const own = ownLines(lines)
  const others = needed.filter(([keywords]) => !own.some(line => keywords.test(line))).map(([, line]) => line)
  const servers = lines.some(line => line.startsWith('real_server')) ? [] : [`real_server ${server} {`, '}']
  return [`virtual_server ${head} {`, ...lines, ...others, ...servers, '}'].join('\n')
}

/** The lines outside of inner blocks. */
function ownLines(lines: readonly string[]): readonly string[] {
  let depth = 0
  return lines.filter(line => {
    const before = depth
    depth += line.split('{').length - line.split('}').length
    return before === 0
  })
}

/** A real server whose own lines begin at line 3. */
export const serverText = (lines: readonly string[], server = '10.2.0.1 80', head = '10.1.0.1 80'): string =>
  serviceText([`real_server ${server} {`, ...lines, '}'], head)

/** A checker whose own lines begin at line 4. */
export const checkerText = (kind: string, lines: readonly string[]): string => serverText([`${kind} {`, ...lines, '}'])

const NONE = {none: true} as const

/** The only virtual server, or `{none: true}`. */
export function onlyService({config}: LoadedConfig): VirtualServerConfig | typeof NONE {
  return config.virtualServers[0] ?? NONE
}

/** The first real server. */
export function firstServer({config}: LoadedConfig): RealServerConfig | typeof NONE {
  return config.virtualServers[0]?.realServers[0] ?? NONE
}

/** The first checker of the first real server. */
export function firstChecker({config}: LoadedConfig): CheckerConfig | typeof NONE {
  return config.virtualServers[0]?.realServers[0]?.checkers[0] ?? NONE
}
