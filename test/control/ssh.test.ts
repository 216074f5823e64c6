import {execFileSync} from 'node:child_process'
import {describe, expect, it, test} from 'vitest'
import {quoted, sshArguments} from '../../src/control/ssh.ts'

describe('the host of ssh', () => {
  it.each([
    ['ssh://two', ['-T', '--', 'two']],
    ['ssh://two/', ['-T', '--', 'two']],
    ['ssh://root@two.example', ['-T', '-l', 'root', '--', 'two.example']],
    ['ssh://two:2222', ['-T', '-p', '2222', '--', 'two']],
    ['ssh://root@[fe80::1%eth0]:22', ['-T', '-l', 'root', '-p', '22', '--', 'fe80::1%eth0']],
  ])('%s', (host, expected) => expect(sshArguments(host)).toEqual(expected))

  it.each([
    'ssh://',
    'two',
    'http://two',
    'ssh://-oProxyCommand=x',
    'ssh://-l@two',
    'ssh://two -x',
    'ssh://two;x',
    'ssh://two:x',
    'ssh://a@b@c',
    'ssh://two\nx',
  ])('%j is none', host => expect(() => sshArguments(host)).toThrow('names no host'))
})

test.each(['plain', 'two words', "it's", '$HOME `id` "x" \\', '', '*', 'a\nb'])('a shell reads %j back', text => {
  expect(String(execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]))).toBe(text)
})
