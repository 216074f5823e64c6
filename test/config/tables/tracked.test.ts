import {describe, expect, it} from 'vitest'
import {parse} from '../support.ts'
import {describeLines, expectSameAgain, type TableCase, verdict} from './table-support.ts'

const describeBlock = (
  kind: string,
  list: 'trackFiles' | 'trackProcesses' | 'scripts',
  first: string,
  cases: readonly TableCase[],
): void =>
  describeLines(
    kind,
    cases,
    lines => [`${kind} x {`, first, ...lines, '}', list === 'scripts' ? TRACKS_X : ''].join('\n'),
    ({config}) => config[list][0] ?? {none: true},
  )

const TRACKS_X =
  'vrrp_instance V {\ninterface eth0\nvirtual_router_id 7\nvirtual_ipaddress { 10.0.0.1/24 }\ntrack_script {\nx\n}\n}'

describeBlock('track_file', 'trackFiles', 'file /a', [
  ['', {file: '/a', weight: {weight: 1, reverse: false}, initFile: undefined}],
  ['file /b', {file: '/a'}, 'HC1208 error 3:1'],
  ['weight -254 reverse', {weight: {weight: -254, reverse: true}}],
  ['weight 255', {weight: {weight: 1}}, 'HC1204 error 3:8'],
  ['weight 5 foo', {weight: {weight: 5, reverse: false}}, 'HC1204 error 3:10'],
  ['weight', {weight: {weight: 1}}, 'HC1203 error 3:1'],
  ['weight 5;weight 6', {weight: {weight: 5}}, 'HC1208 error 4:1'],
  ['weight 1;weight 6', {weight: {weight: 6}}],
  ['init_file', {initFile: {value: 0, overwrite: false}}],
  ['init_file 5 overwrite', {initFile: {value: 5, overwrite: true}}],
  ['init_file overwrite', {initFile: {value: 0, overwrite: true}}],
  ['init_file 300', {initFile: {value: 300}}, 'HC1205 error 3:11'],
  ['init_file foo', {initFile: undefined}, 'HC1204 error 3:11'],
])

describeBlock('vrrp_track_process', 'trackProcesses', 'process a "b c"', [
  ['', {process: ['a', 'b c'], parameterMatch: 'exact', quorum: 1, quorumMax: undefined, weight: {weight: 0}}],
  ['process d', {process: ['a', 'b c']}, 'HC1208 error 3:1'],
  ['param_match', {parameterMatch: 'exact'}],
  ['param_match partial', {parameterMatch: 'partial'}],
  ['param_match foo', {parameterMatch: 'exact'}, 'HC1204 error 3:13'],
  ['weight 254 reverse', {weight: {weight: 254, reverse: true}}],
  ['weight 5;weight 6', {weight: {weight: 5}}, 'HC1208 error 4:1'],
  ['quorum 5;quorum_max 9', {quorum: 5, quorumMax: 9}],
  ['quorum 0', {quorum: 1}, 'HC1204 error 3:8'],
  ['quorum_max 0', {quorum: 1, quorumMax: 0}],
  ['quorum 5;quorum_max 3', {quorum: 5, quorumMax: undefined}, 'HC1323 error 4:1'],
  ['quorum_max 3;quorum 5', {quorum: 1, quorumMax: 3}, 'HC1323 error 4:1'],
  ['quorum_max 0;quorum 2', {quorum: 1, quorumMax: 0}, 'HC1323 error 4:1'],
  ['delay 1', {terminateDelayMs: 1_000, forkDelayMs: 1_000}],
  ['delay 1;fork_delay 2', {terminateDelayMs: 1_000, forkDelayMs: 2_000}],
  ['fork_delay 2;delay 1', {terminateDelayMs: 1_000, forkDelayMs: 1_000}],
  ['delay 0', {terminateDelayMs: undefined}, 'HC1204 error 3:7'],
  ['full_command', {fullCommand: true}],
])

describeBlock('vrrp_script', 'scripts', 'script /bin/a', [
  ['interval 0.001;timeout 4294', {intervalMs: 1, timeoutMs: 4_294_000}],
  ['interval 0.0015', {intervalMs: 2}, 'HC1205 error 3:10'],
  ['interval 0', {intervalMs: 1_000, timeoutMs: 1_000}, 'HC1205 error 3:10'],
  ['timeout 0', {timeoutMs: 1_000}, 'HC1205 error 3:9'],
  ['weight 254', {weight: {weight: 253}}, 'HC1205 error 3:8'],
  ['weight 5 noreverse', {weight: {weight: 5}}, 'HC1204 error 3:10'],
  ['rise 0', {rise: 1}, 'HC1205 error 3:6'],
])

describe('what can be tracked', () => {
  it.each([
    ['track_file x {\n}', 'HC1321 error 1:1'],
    ['track_file {\nfile /a\n}', 'HC1209 error 1:1'],
    ['vrrp_track_file x {\nfile /a\n}', 'HC1212 warning 1:1'],
    ['track_file x {\nfile /a\n}\ntrack_file x {\nfile /b\n}', 'HC1320 warning 4:1'],
    ['vrrp_track_process x {\n}', 'HC1321 error 1:1'],
    ['vrrp_track_process x {\nprocess a\n}\nvrrp_track_process x {\nprocess b\n}', 'HC1320 warning 4:1'],
  ])('%j', (text, found) => {
    const loaded = parse(text)
    expect(verdict(loaded)).toBe(found)
    expectSameAgain(loaded)
  })
})

const OBJECTS = `vrrp_script s { script "/bin/a" }
track_file f { file /a }
vrrp_track_process p { process a }
bfd_instance b { neighbor_ip 10.0.0.9 }
vrrp_sync_group G {
 track_script {
  s
 }
}
vrrp_instance V {
 interface eth0
 virtual_router_id 7
 virtual_ipaddress { 10.0.0.1/24 }
`
const LINE = 15

describe('a line that tracks', () => {
  /** The line and what it is for an interface, a script, a file, a process and a BFD session: `-` is not tracked. */
  const LINES: readonly (readonly [options: string, ...results: string[]])[] = [
    ['', '0', '0', '1', '0', '0'],
    ['weight 253', '253', '253', '253', '253', '253'],
    ['weight 254', '253 !', '253 !', '254', '254', '0 !'],
    ['weight -254', '-253 !', '-253 !', '-254', '-254', '0 !'],
    ['weight 255', '0 !', '0 !', '1 !', '0 !', '0 !'],
    ['weight x', '0 !', '0 !', '1 !', '0 !', '0 !'],
    ['weight', '- !', '- !', '- !', '- !', '- !'],
    ['foo', '- !', '- !', '- !', '- !', '- !'],
    ['weight 5 reverse', '5 reverse', '5 reverse', '5 reverse', '5 reverse', '5 reverse'],
    ['weight 5 noreverse', '5 !', '5', '5', '5', '5'],
    ['weight 5 foo', '5 !', '5 !', '- !', '5 !', '- !'],
  ]
  const KINDS = [
    ['track_interface', 'trackInterfaces', 'eth1'],
    ['track_script', 'trackScripts', 's'],
    ['track_file', 'trackFiles', 'f'],
    ['track_process', 'trackProcesses', 'p'],
    ['track_bfd', 'trackBfds', 'b'],
  ] as const
  const cases = LINES.flatMap(([options, ...results]) =>
    KINDS.map(([block, field, name], i) => [`${block} { ${name} ${options}`.trim(), field, results[i] ?? ''] as const),
  )

  it.each(cases)('%s }', (line, field, expected) => {
    const loaded = parse(`${OBJECTS}${line.replace('{ ', '{\n')}\n}\n}`)
    const [track] = loaded.config.instances[0]?.[field] ?? []
    const value = track ? `${track.weight}${track.reverse ? ' reverse' : ''}` : '-'
    const complaint = new RegExp(`error ${LINE}:`).test(verdict(loaded)) ? ' !' : ''
    expect(value + complaint).toBe(expected)
    expectSameAgain(loaded)
  })
})
