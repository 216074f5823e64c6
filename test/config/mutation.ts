// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what the text under test says
import {setImmediate} from 'node:timers/promises'
import {expect} from 'vitest'
import {parseConfig} from '../../src/config/parse.ts'
import type {ReadInclude} from '../../src/config/text/source-lines.ts'
import {seededRandom} from '../sim/random.ts'

/** A password that no finding may show. */
export const SECRET = 'Zq9xW4vK'

/** A small configuration with something of everything. */
export const SEED = `! comment
$IF=eth0
$BLOCK=\\
 track_script { \\
  chk weight -2 reverse \\
 }
@host global_defs {
 router_id "A B"
 vrrp_garp_master_delay 1
}
vrrp_script chk {
 script "/bin/sh -c 'true'"
 interval 0.5
}
vrrp_instance V {
 interface $IF
 virtual_router_id 7
 priority 99
 authentication {
  auth_type PASS
  auth_pass ${SECRET}
 }
 virtual_ipaddress {
  10.0.0.1/24 dev eth1 brd + scope site label x
  ~SEQ(N,2,4) 10.0.0.\${N}/24
 }
 $BLOCK
 notify_master "/bin/n x" root
 include other.conf
}
virtual_server 10.0.0.1 80 {
 real_server 10.0.0.2 80 {
  TCP_CHECK {
  }
 }
}
`

/** What is put in by chance. */
export const SCRAPS = [
  '{',
  '}',
  '"',
  "'",
  '#',
  '!',
  '\\',
  '\n',
  '\r',
  '\0',
  '$',
  '${',
  '$IF',
  '~SEQ(A,1,99) ',
  '~LST(',
  '@host ',
  'include a.conf',
  ' ',
  '\t',
  '\ufeff',
  '\u00a0',
  '\ud800',
  '999999999999999999999',
  '-1',
  '0x7',
  '::',
  '/',
  ',',
  '$X=$X\n',
  '$BLOCK\n',
  'weight',
]

/** A text with one to eight changes of any kind. */
export function mutate(text: string, random: (below: number) => number): string {
  let result = text
  for (let n = 1 + random(8); n > 0; n--) {
    const at = random(result.length + 1)
    const length = random(random(4) === 0 ? 200 : 6)
    const scrap = SCRAPS[random(SCRAPS.length)] ?? ''
    switch (random(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length)
        break
      case 1:
        result = result.slice(0, at) + scrap + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + scrap + result.slice(at + length)
        break
      case 3:
        result = result.slice(0, at) + result.slice(at, at + length).repeat(1 + random(20)) + result.slice(at)
        break
      default:
        result =
          result.slice(0, at) + String.fromCharCode(random(random(2) === 0 ? 128 : 65_536)) + result.slice(at + 1)
    }
  }
  return result
}

const includeItself =
  (text: string): ReadInclude =>
  pattern => ({files: [{file: pattern, text}], problems: []})

/** Reads a text that includes itself, and checks the bounds of what comes out. */
export function survives(text: string): {readonly findings: number; readonly instances: number} {
  const before = performance.now()
  const {config, diagnostics, files} = parseConfig(
    {file: 'f.conf', text, configId: 'host'},
    includeItself(text.slice(0, 500)),
  )
  expect(performance.now() - before).toBeLessThan(15_000)
  expect(diagnostics.length).toBeLessThanOrEqual(2_001)
  expect(files.length).toBeLessThanOrEqual(4_096)
  for (const instance of config.instances) {
    expect(Number.isInteger(instance.vrid) && instance.vrid >= 1 && instance.vrid <= 255).toBe(true)
    expect(Number.isFinite(instance.advertIntervalMs) && instance.advertIntervalMs >= 10).toBe(true)
    expect(instance.vips.length).toBeLessThanOrEqual(255)
  }
  return {findings: diagnostics.length, instances: config.instances.length}
}

/** How many of so many mutants an ordinary run reads: all of them take minutes, and HACTL_ALL_MUTANTS=1 asks for them. */
export const someOf = (count: number): number => Math.ceil(process.env.HACTL_ALL_MUTANTS === '1' ? count : count * 0.4)

/** Reads so many mutants of some texts; how many findings and virtual routers came out of them. */
export async function readMutants(
  texts: readonly string[],
  count: number,
  seed: number,
): Promise<{readonly findings: number; readonly instances: number}> {
  const random = seededRandom(seed)
  const total = {findings: 0, instances: 0}
  for (let i = 0; i < count; i++) {
    const {findings, instances} = survives(mutate(texts[random(texts.length)] ?? '', random))
    // Who runs the tests wants an answer now and then.
    if (i % 100 === 0) await setImmediate()
    total.findings += findings
    total.instances += instances
  }
  return total
}
