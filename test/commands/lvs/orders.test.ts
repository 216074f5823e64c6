import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {HactlError} from '../../../src/errors.ts'
import {temporaryDirectory} from '../../control/temporary.ts'
import {fakeReal, fakeService} from '../../fake-lvs.ts'
import {runLvs} from './run-lvs.ts'

const SERVICE = '192.0.2.1:80/tcp'
const REAL = '10.0.0.1:80'
const BOTH = {service: SERVICE, real: REAL}
const OF = `${REAL} of ${SERVICE}`

test.each<[string, string, object, string]>([
  [
    `add-service ${SERVICE} -s wrr --sched-flags flag-1 -p 300 --netmask 255.255.255.0 --engine sip --ops`,
    'addService',
    {
      service: SERVICE,
      scheduler: 'wrr',
      schedulerFlags: 'flag-1',
      persistent: 300,
      netmask: '255.255.255.0',
      engine: 'sip',
      onePacket: true,
    },
    `+ service ${SERVICE} scheduler wrr\n`,
  ],
  [
    `edit-service ${SERVICE} --persistent 0 --no-ops`,
    'editService',
    {service: SERVICE, persistent: 0, onePacket: false},
    `~ service ${SERVICE}: scheduler rr -> wrr\n`,
  ],
  [
    `delete-service ${SERVICE} -y`,
    'deleteService',
    {service: SERVICE},
    `- real server ${OF}\n- service ${SERVICE}\nactive connections: 17\n`,
  ],
  [
    `add-real ${SERVICE} ${REAL} --method tun -w 5 --upper-threshold 10 --lower-threshold 0 --tunnel-type gue --tunnel-port 6080 --tunnel-checksum csum`,
    'addReal',
    {
      ...BOTH,
      method: 'tun',
      weight: 5,
      upperThreshold: 10,
      lowerThreshold: 0,
      tunnelType: 'gue',
      tunnelPort: 6080,
      tunnelChecksum: 'csum',
    },
    `+ real server ${OF} dr weight 1\n`,
  ],
  [`edit-real ${SERVICE} ${REAL} --weight 0`, 'editReal', {...BOTH, weight: 0}, `~ real server ${OF}: weight 1 -> 3\n`],
  [`delete-real ${SERVICE} ${REAL} --yes`, 'deleteReal', BOTH, `- real server ${OF}\nactive connections: 12\n`],
  [
    `drain-real ${SERVICE} ${REAL} -y --reason upgrade`,
    'drainReal',
    {...BOTH, reason: 'upgrade'},
    `~ real server ${OF}: weight 3 -> 0\nactive connections: 12\n`,
  ],
  [`undrain-real ${SERVICE} ${REAL}`, 'undrainReal', BOTH, `~ real server ${OF}: weight 0 -> 3\n`],
  [
    `undrain-real ${SERVICE} ${REAL} --weight 7`,
    'undrainReal',
    {...BOTH, weight: 7},
    `~ real server ${OF}: weight 0 -> 3\n`,
  ],
  [
    `disable-real ${SERVICE} ${REAL} -y --reason broken`,
    'disableReal',
    {...BOTH, reason: 'broken'},
    `- real server ${OF}\nactive connections: 12\n`,
  ],
  [`enable-real ${SERVICE} ${REAL}`, 'enableReal', BOTH, `+ real server ${OF} dr weight 3\n`],
  [`zero ${SERVICE}`, 'zeroLvs', {service: SERVICE}, `~ ${SERVICE}: zeroed\n`],
  ['zero', 'zeroLvs', {}, '~ all counters: zeroed\n'],
  ['flush -y', 'flushLvs', {}, `- service ${SERVICE}\nactive connections: 17\n`],
  ['timeout --tcp 600 --tcpfin 0', 'setLvsTimeouts', {tcp: 600, tcpFin: 0}, '~ timeout tcp: 900 -> 600 s\n'],
  [
    'sync start backup --interface eth0 --id 7 --max-length 1460 --group 224.0.0.82 --port 8849 --ttl 3',
    'startSync',
    {role: 'backup', interface: 'eth0', id: 7, maxLength: 1460, group: '224.0.0.82', port: 8849, ttl: 3},
    '+ sync daemon backup on eth0 id 7\n',
  ],
  ['sync stop master', 'stopSync', {role: 'master'}, '- sync daemon master\n'],
])('%s: one call of %s', async (line, route, asked, stdout) => {
  const {calls, ...outcome} = await runLvs(line.split(' '))
  expect(outcome).toEqual({code: 0, stdout, stderr: ''})
  expect(calls.map(call => call.split(' ', 1)[0])).toEqual([route])
  expect(JSON.parse(calls[0]?.slice(route.length + 1) ?? '')).toEqual(asked)
})

test.each<[string, string, string]>([
  [
    `delete-service ${SERVICE}`,
    'deleteService',
    'Active connections: 17. Delete 192.0.2.1:80/tcp with its real servers?',
  ],
  [`delete-real ${SERVICE} ${REAL}`, 'deleteReal', `Active connections: 12. Delete ${REAL} from ${SERVICE}?`],
  [`disable-real ${SERVICE} ${REAL}`, 'disableReal', `Active connections: 12. Take ${REAL} out of ${SERVICE}?`],
  ['flush', 'flushLvs', 'Active connections: 17. Delete every service?'],
  ['apply -', 'restoreLvs', 'Active connections: 0. Make the table equal to -?'],
])('%s: without -y and a terminal a usage error, after a dry run of %s', async (line, route, question) => {
  const {calls, ...outcome} = await runLvs(line.split(' '), {}, {input: 'rules'})
  expect(outcome).toEqual({code: 2, stdout: '', stderr: `hactl: ${question} Nobody can be asked here\n  say -y\n`})
  expect(calls).toHaveLength(1)
  expect(calls[0]).toMatch(new RegExp(`^${route} .*"dryRun":true`))
})

test.each([
  `delete-service ${SERVICE}`,
  `delete-real ${SERVICE} ${REAL}`,
  `disable-real ${SERVICE} ${REAL}`,
  'flush',
  'restore',
  'apply -',
])('%s --dry-run: one call that changes nothing, and a note', async line => {
  const {code, stdout, stderr, calls} = await runLvs([...line.split(' '), '--dry-run'], {}, {input: 'rules'})
  expect({code, stderr}).toEqual({code: 0, stderr: 'hactl: nothing was changed (--dry-run)\n'})
  expect(stdout).toMatch(/^[-+] /)
  expect(calls).toHaveLength(1)
  expect(calls[0]).toContain('"dryRun":true')
})

test('an order that changes nothing says so, and asks nothing', async () => {
  const flushLvs = () => ({observedAt: '', value: {changes: [], moreChanges: 0, applied: false, activeConnections: 0}})
  const {calls, ...outcome} = await runLvs(['flush'], {flushLvs})
  expect(outcome).toEqual({code: 0, stdout: 'nothing was changed: it is so already\n', stderr: ''})
  expect(calls).toEqual(['flushLvs {"dryRun":true}'])
})

test('draining the last real server that gets connections asks first', async () => {
  const value = [
    fakeService({realServers: [fakeReal(), fakeReal({name: '10.0.0.2:80', address: '10.0.0.2', weight: 0})]}),
  ]
  const lvsServices = () => ({observedAt: '', value})
  const last = await runLvs(['drain-real', SERVICE, REAL], {lvsServices})
  expect(last).toMatchObject({code: 2, stdout: '', calls: [`lvsServices {"service":"${SERVICE}"}`]})
  expect(last.stderr).toContain(`No other real server of ${SERVICE} gets new connections. Drain ${REAL}?`)
  const sure = await runLvs(['drain-real', SERVICE, REAL, '-y'], {lvsServices})
  expect(sure).toMatchObject({code: 0, calls: [`drainReal ${JSON.stringify(BOTH)}`]})
})

test('draining one of two, and one that gets none anyway, asks nothing', async () => {
  const two = [fakeReal(), fakeReal({name: '10.0.0.2:80', address: '10.0.0.2'})]
  const lvsServices = () => ({observedAt: '', value: [fakeService({realServers: two})]})
  // The port of the service is that of a real server without one.
  expect(await runLvs(['drain-real', SERVICE, '10.0.0.1'], {lvsServices})).toMatchObject({code: 0})
  expect(await runLvs(['drain-real', SERVICE, '10.0.0.2:80'])).toMatchObject({code: 0})
})

test('restore and apply send the file, or standard input', async () => {
  const file = join(temporaryDirectory(), 'rules.txt')
  writeFileSync(file, 'from a file')
  expect((await runLvs(['restore'], {}, {input: 'from a pipe'})).calls).toEqual([
    'restoreLvs {"text":"from a pipe","equal":false}',
  ])
  expect((await runLvs(['restore', file])).calls).toEqual(['restoreLvs {"text":"from a file","equal":false}'])
  expect((await runLvs(['apply', file, '-y'])).calls).toEqual(['restoreLvs {"text":"from a file","equal":true}'])
  expect(await runLvs(['restore', '/nowhere/at/all'])).toMatchObject({
    code: 5,
    stderr: 'hactl: there is no file /nowhere/at/all\n',
    calls: [],
  })
  expect(await runLvs(['restore', '/'])).toMatchObject({code: 1, calls: []})
})

test('diff: exit code 1 and what apply would do, or 0 and a sentence', async () => {
  const different = await runLvs(['diff', '-'], {}, {input: 'rules'})
  expect(different).toMatchObject({code: 1, stdout: `+ service ${SERVICE} scheduler wrr\n`, stderr: ''})
  expect(different.calls).toEqual(['restoreLvs {"text":"rules","equal":true,"dryRun":true}'])
  const restoreLvs = () => ({
    observedAt: '',
    value: {changes: [], moreChanges: 0, applied: false, activeConnections: 0},
  })
  const same = await runLvs(['diff', '-'], {restoreLvs}, {input: 'rules'})
  expect(same).toMatchObject({code: 0, stdout: 'no difference\n', stderr: ''})
})

const COUNT = 'is no whole number from'
test.each<[string, string]>([
  [`add-real ${SERVICE} ${REAL} --weight abc`, `--weight: "abc" ${COUNT} 0 to 2147483647`],
  [`add-real ${SERVICE} ${REAL} --weight 2147483648`, `--weight: "2147483648" ${COUNT} 0 to 2147483647`],
  [`add-real ${SERVICE} ${REAL} --weight=-1`, `--weight: "-1" ${COUNT} 0 to 2147483647`],
  [`add-real ${SERVICE} ${REAL} --weight=`, `--weight: "" ${COUNT} 0 to 2147483647`],
  [`edit-real ${SERVICE} ${REAL} --upper-threshold 1.5`, `--upper-threshold: "1.5" ${COUNT} 0 to 4294967295`],
  [`edit-real ${SERVICE} ${REAL} --lower-threshold 0x1`, `--lower-threshold: "0x1" ${COUNT} 0 to 4294967295`],
  [`edit-real ${SERVICE} ${REAL} --tunnel-port 0`, `--tunnel-port: "0" ${COUNT} 1 to 65535`],
  [`undrain-real ${SERVICE} ${REAL} --weight x`, `--weight: "x" ${COUNT} 0 to 2147483647`],
  [`add-service ${SERVICE} --persistent 2678401`, `--persistent: "2678401" ${COUNT} 0 to 2678400`],
  ['timeout --udp 1e3', `--udp: "1e3" ${COUNT} 0 to 2678400`],
  ['sync start master --interface eth0 --id 256', `--id: "256" ${COUNT} 0 to 255`],
  ['sync start master --interface eth0 --ttl 0', `--ttl: "0" ${COUNT} 1 to 255`],
  ['connections --limit 0', `--limit: "0" ${COUNT} 1 to 100000`],
  ['stats --rate --count 0', `--count: "0" ${COUNT} 1 to 1000000`],
  ['stats --rate --interval 1s', '--interval: 1s is too short'],
  ['stats --rate --interval 1', '1 is not a time'],
  ['stats --interval 4s', 'all of the following must be provided when using --interval: --rate'],
  ['list --columns name,nonsense', '--columns: "nonsense" is no column'],
  ['list --sort nonsense', '--sort: "nonsense" is no column'],
  ['list --stats --rate', '--stats cannot also be provided when using --rate'],
  [`edit-service ${SERVICE}`, 'nothing was given that is to change'],
  [`edit-real ${SERVICE} ${REAL}`, 'nothing was given that is to change'],
  [`drain-real ${SERVICE} ${REAL} --wait --timeout 5`, '5 is not a time'],
  ['sync start nonsense --interface eth0', 'expected nonsense to be one of: master, backup'],
  ['sync start master', '--interface is missing'],
  ['sync start', 'ROLE is missing'],
  ['show', 'SERVICE is missing'],
  ['add-service', 'SERVICE is missing'],
  ['delete-service -y', 'SERVICE is missing'],
  [`add-real ${SERVICE}`, 'REAL is missing'],
  [`drain-real ${SERVICE}`, 'REAL is missing'],
  ['apply -y', 'FILE is missing'],
  ['diff', 'FILE is missing'],
  ['save --format xml', 'expected --format=xml to be one of: ipvsadm, json'],
  ['list --direct --host ssh://nowhere', '--direct is the kernel of this host'],
])('%s: a usage error of one line, and nothing is asked', async (line, said) => {
  const {code, stdout, stderr, calls} = await runLvs(line.split(' '))
  expect({code, stdout, calls}).toEqual({code: 2, stdout: '', calls: []})
  const [first = '', ...hints] = stderr.trimEnd().split('\n')
  expect(first).toContain(said)
  expect(hints.length).toBeLessThanOrEqual(1)
})

test.each([
  ['USAGE', 2],
  ['NOT_FOUND', 5],
  ['REFUSED', 7],
  ['PERMISSION', 4],
] as const)('a failure of the agent with %s exits %d', async (code, exit) => {
  const addReal = (): never => {
    throw new HactlError(code, 'no', 'because')
  }
  const {stderr, ...rest} = await runLvs(['add-real', SERVICE, REAL], {addReal})
  expect(rest).toMatchObject({code: exit, stdout: ''})
  expect(stderr).toBe('hactl: no\n  because\n')
})
