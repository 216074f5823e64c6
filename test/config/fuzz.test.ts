// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what the text under test says
import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {parseConfig} from '../../src/config/parse.ts'
import type {ReadInclude} from '../../src/config/text/source-lines.ts'
import {CORPUS, hasCorpus} from './support.ts'

/** Mulberry32: a small generator whose sequence depends on the seed alone. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

const SECRET = 'Zq9xW4vK'

const SEEDS = [
  `! comment
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
`,
]

const SCRAPS = [
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

function mutate(text: string, random: (below: number) => number): string {
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

function run(text: string): {readonly findings: number; readonly instances: number} {
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

describe('hostile text', {timeout: 60_000}, () => {
  it('gives findings, within bounds, and some virtual routers', () => {
    const random = randomFrom(20_261_121)
    let [findings, instances] = [0, 0]
    for (let i = 0; i < 4_000; i++) {
      const result = run(mutate(SEEDS[0] ?? '', random))
      findings += result.findings
      instances += result.instances
    }
    expect(findings).toBeGreaterThan(4_000)
    expect(instances).toBeGreaterThan(1_000)
  })

  it('made of real configurations is survived', () => {
    const texts = hasCorpus
      ? readdirSync(`${CORPUS}wild`)
          .filter(name => name.endsWith('.conf'))
          .map(name => readFileSync(`${CORPUS}wild/${name}`, 'utf8'))
      : SEEDS
    const random = randomFrom(7)
    for (let i = 0; i < 1_000; i++) run(mutate(texts[random(texts.length)] ?? '', random))
  })

  it('of noise is survived', () => {
    const random = randomFrom(11)
    for (let i = 0; i < 500; i++) {
      run(Array.from({length: random(400)}, () => SCRAPS[random(SCRAPS.length)]).join(''))
    }
  })

  it('never makes a finding show the password', () => {
    const random = randomFrom(3)
    const line = `  auth_pass ${SECRET}\n`
    const [head = '', tail = ''] = (SEEDS[0] ?? '').split(line)
    for (let i = 0; i < 3_000; i++) {
      const text = mutate(`${head.slice(-300)}${line}${tail.slice(0, 300)}`, random)
      const {diagnostics} = parseConfig({file: 'f.conf', text, configId: 'host'})
      const showing = diagnostics.filter(({message, hint}) => `${message}${hint ?? ''}`.includes(SECRET))
      const intact = text
        .split(SECRET)
        .slice(0, -1)
        .every(before => before.endsWith(' auth_pass '))
      if (intact) expect(showing, text).toEqual([])
    }
  })

  it.each([
    ['open braces', '{'.repeat(200_000)],
    ['open braces on lines', 'a {\n'.repeat(200_000)],
    ['closing braces', '}\n'.repeat(200_000)],
    ['one long line', 'x'.repeat(5_000_000)],
    ['quotes', '"\n'.repeat(200_000)],
    ['words', 'a b c d\n'.repeat(200_000)],
    ['definitions', '$A=$A$A\n$A\n'.repeat(50_000)],
    ['definitions of many lines', `$A=\\\n${'x \\\n'.repeat(990)}y\n${'$A\n'.repeat(5_000)}`],
    [
      'names in names',
      `${Array.from({length: 60}, (_, i) => `$A${i}=\\\n$A${i + 1} \\\n$A${i + 1}`).join('\n')}\n$A0\n`,
    ],
    ['repetitions', '~SEQ(A,1,99999999) ~SEQ(B,1,99999999) x\n'.repeat(10)],
    ['virtual routers', 'vrrp_instance V {\n'.repeat(50_000)],
    ['names of virtual routers', Array.from({length: 20_000}, (_, i) => `vrrp_instance V${i} {\n}\n`).join('')],
  ])('of many %s is read in bounded time', (_what, text) => {
    run(text)
  })
})
