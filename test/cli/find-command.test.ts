import {expect, test} from 'vitest'
import {findCommand} from '../../src/cli/find-command.ts'

const IDS = ['agent:run', 'vrrp:status', 'vrrp:show', 'lvs:list', 'lvs:sync:start', 'lvs:sync:stop']
const find = (line: string): unknown => findCommand(line.split(' ').filter(Boolean), IDS)

test.each([
  ['vrrp status', {type: 'command', id: 'vrrp:status', argv: []}],
  ['vrrp status VI_1 --json', {type: 'command', id: 'vrrp:status', argv: ['VI_1', '--json']}],
  ['vrrp show -- --help', {type: 'command', id: 'vrrp:show', argv: ['--', '--help']}],
  ['', {type: 'help', words: []}],
  ['--help', {type: 'help', words: []}],
  ['help', {type: 'help', words: []}],
  ['-h', {type: 'help', words: []}],
  ['vrrp', {type: 'help', words: ['vrrp']}],
  ['vrrp --help', {type: 'help', words: ['vrrp']}],
  ['help vrrp', {type: 'help', words: ['vrrp']}],
  ['help vrrp show', {type: 'help', words: ['vrrp', 'show']}],
  ['vrrp show VI_1 -h', {type: 'help', words: ['vrrp', 'show']}],
  ['--version', {type: 'version'}],
  ['version', {type: 'version'}],
  ['vrrp shwo', {type: 'unknown', words: ['vrrp', 'shwo'], suggestion: 'vrrp show'}],
  ['vrpp status', {type: 'unknown', words: ['vrpp', 'status'], suggestion: 'vrrp status'}],
  ['vrrp shwo --help', {type: 'unknown', words: ['vrrp', 'shwo'], suggestion: 'vrrp show'}],
  ['frobnicate', {type: 'unknown', words: ['frobnicate'], suggestion: undefined}],
  ['help frobnicate', {type: 'unknown', words: ['frobnicate'], suggestion: undefined}],
  ['--nonsense', {type: 'unknown', words: ['--nonsense'], suggestion: undefined}],
  ['lvs list sync', {type: 'command', id: 'lvs:list', argv: ['sync']}],
  ['lvs sync start master', {type: 'command', id: 'lvs:sync:start', argv: ['master']}],
  ['lvs sync', {type: 'help', words: ['lvs', 'sync']}],
  ['lvs sync --help', {type: 'help', words: ['lvs', 'sync']}],
  ['lvs sync stop master --help', {type: 'help', words: ['lvs', 'sync', 'stop']}],
  ['lvs sync strat master', {type: 'unknown', words: ['lvs', 'sync', 'strat'], suggestion: 'lvs sync start'}],
  ['lvs snyc start', {type: 'unknown', words: ['lvs', 'snyc'], suggestion: undefined}],
  ['__proto__ constructor', {type: 'unknown', words: ['__proto__', 'constructor'], suggestion: undefined}],
])('"%s"', (line, expected) => expect(find(line)).toEqual(expected))
