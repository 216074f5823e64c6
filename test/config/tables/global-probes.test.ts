import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {loadConfig} from '../../../src/config/load.ts'
import {CORPUS, corpusName, hasCorpus} from '../support.ts'

const FOLDERS = 'global root bfd track_file track_process tracking script instance instance_min misc'.split(' ')

/** What only the host that a file is meant for can tell, and files that keepalived itself does not survive. */
const EXCEPTIONS: {readonly [name: string]: string} = {
  'global/script_user_nosuchuser.conf': 'a user of the host',
  'global/smtp_server_not-a-host.invalid.conf': 'a name that cannot be resolved',
  'global/startup_script___usr_bin_true_x__root.conf': 'the owner of a program',
  'global/startup_script__usr_bin_true.conf': 'the owner of a program',
  'instance/interface_nope9.conf': 'an interface of the host',
  'instance/use_vmac_eth1.conf': 'an interface of the host',
  'instance/use_vmac_group_nosuch.conf': 'a name in a file of the host',
  'instance/vrf_vrf1.conf': 'a VRF of the host',
  'instance_min/nonexist_interface.conf': 'an interface of the host',
  'root/garp_group___garp_interval_0.1_interface_nope__.conf': 'an interface of the host',
  'root/interface_up_down_delays___nope9_1__.conf': 'an interface of the host',
  'root/linkbeat_interfaces___nope9__.conf': 'an interface of the host',
  'root/static_routes___10.9.0.0_16_via_10.1.0.1_dev_nope__.conf': 'an interface of the host',
  'script/security_violation.conf': 'the owner of a program',
}

interface Probe {
  readonly name: string
  readonly exit: string
  /** The lines that the messages of keepalived 2.4.3 name. */
  readonly lines: readonly number[]
}

const probes = (): readonly Probe[] =>
  readFileSync(`${CORPUS}probes/labels.tsv`, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.split('\t'))
    .filter(([name = '']) => FOLDERS.includes(name.split('/')[0] ?? ''))
    .map(([name = '', , , exit = '', , messages = '']) => ({
      name,
      exit,
      lines: [...messages.matchAll(/Line (\d+)\)/g)].map(([, line]) => Number(line)),
    }))

/** Whether an error stands in a line that keepalived names, or in the block whose closing brace stands there. */
function isAt(errorLine: number, named: number, text: string): boolean {
  if (errorLine === named) return true
  const lines = text.split('\n')
  let depth = 0
  for (let line = named; line >= 1; line--) {
    const content = lines[line - 1] ?? ''
    if (line === named && !content.includes('}')) return false
    depth += content.split('}').length - content.split('{').length
    if (line === errorLine) return true
    if (depth <= 0) return false
  }
  return false
}

describe.skipIf(!hasCorpus)(corpusName('files with one feature each'), () => {
  const compared = hasCorpus ? probes().filter(({name}) => EXCEPTIONS[name] === undefined) : []

  it('are nearly all compared', () => {
    expect(compared.length).toBeGreaterThan(580)
    const names = new Set(probes().map(({name}) => name))
    expect(Object.keys(EXCEPTIONS).filter(name => !names.has(name))).toEqual([])
  })

  it.each(compared.map(probe => [probe.name, probe] as const))('%s', (name, {exit, lines}) => {
    const {diagnostics} = loadConfig(`${CORPUS}probes/${name}`, {configId: 'vm'})
    const errors = diagnostics.filter(({severity}) => severity === 'error')
    if (exit === '0') return expect(errors).toEqual([])
    expect(errors).not.toEqual([])
    if (lines.length === 0) return
    const text = readFileSync(`${CORPUS}probes/${name}`, 'utf8')
    const found = errors.map(({position}) => position.line)
    expect(
      lines.some(named => found.some(line => isAt(line, named, text))),
      `${found} at ${lines}`,
    ).toBe(true)
  })
})
