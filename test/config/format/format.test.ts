import {describe, expect, it} from 'vitest'
import {formatConfig} from '../../../src/config/format/format.ts'

/** Formats lines, twice; the second time changes nothing. */
function formatted(...lines: readonly string[]): readonly string[] {
  const {text, leftAlone} = formatConfig(`${lines.join('\n')}\n`)
  expect(leftAlone).toBeUndefined()
  expect(formatConfig(text)).toEqual({text, changed: false})
  return text.split('\n').slice(0, -1)
}

describe('a configuration is laid out', () => {
  it('with two spaces a level', () => {
    expect(
      formatted('vrrp_instance V {', '\tinterface eth0', 'virtual_ipaddress {', '10.0.0.1', '  }', '    }'),
    ).toEqual(['vrrp_instance V {', '  interface eth0', '  virtual_ipaddress {', '    10.0.0.1', '  }', '}'])
  })

  it('with every brace at the end of the line of its keyword', () => {
    expect(formatted('vrrp_instance V', '{', ' virtual_ipaddress', '', '  {', ' }', '}')).toEqual([
      'vrrp_instance V {',
      '  virtual_ipaddress {',
      '  }',
      '}',
    ])
  })

  it('with one statement a line', () => {
    expect(formatted('vrrp_instance V { interface eth0', 'authentication { auth_type PASS', 'auth_pass x } }')).toEqual(
      [
        'vrrp_instance V {',
        '  interface eth0',
        '  authentication {',
        '    auth_type PASS',
        '    auth_pass x',
        '  }',
        '}',
      ],
    )
  })

  it('with short blocks left on their line', () => {
    expect(
      formatted('vrrp_instance V {', 'virtual_ipaddress {10.0.0.1}', 'track_script{', '}', 'group {}', '}'),
    ).toEqual(['vrrp_instance V {', '  virtual_ipaddress { 10.0.0.1 }', '  track_script {', '  }', '  group {}', '}'])
    expect(formatted('vrrp_sync_group G { group { a } }')).toEqual(['vrrp_sync_group G {', '  group { a }', '}'])
  })

  it('with long blocks on several lines', () => {
    const command = `"/usr/bin/${'x'.repeat(80)}"`
    expect(formatted(`vrrp_script s { script ${command} }`)).toEqual(['vrrp_script s {', `  script ${command}`, '}'])
  })

  it('with at most one blank line in a row, and none at either end', () => {
    expect(formatted('', '', 'instance a', '', ' \t', '', 'use_pid_dir', '', '')).toEqual([
      'instance a',
      '',
      'use_pid_dir',
    ])
  })

  it('with blanks within a line as they were', () => {
    expect(formatted('vrrp_instance V {', ' priority      100  ', ' notify "/bin/a  b"   root', '}')).toEqual([
      'vrrp_instance V {',
      '  priority      100',
      '  notify "/bin/a  b"   root',
      '}',
    ])
  })

  it('with a line feed at every end', () => {
    expect(formatConfig('instance a\r\nuse_pid_dir')).toEqual({text: 'instance a\nuse_pid_dir\n', changed: true})
    expect(formatConfig('')).toEqual({text: '', changed: false})
    expect(formatConfig('instance a\n')).toEqual({text: 'instance a\n', changed: false})
  })

  it('with a byte order mark kept', () => {
    expect(formatConfig('\ufeffinstance a').text).toBe('\ufeffinstance a\n')
  })
})

describe('comments stay', () => {
  it('on lines of their own, with the indentation of the block', () => {
    expect(formatted('# one', 'vrrp_instance V {', '! two', '\t\t#   three {', '}', '  # four')).toEqual([
      '# one',
      'vrrp_instance V {',
      '  ! two',
      '  #   three {',
      '}',
      '# four',
    ])
  })

  it('at the end of their line', () => {
    expect(formatted('vrrp_instance V { # one {', 'priority 100   ! two  ', '} # three')).toEqual([
      'vrrp_instance V { # one {',
      '  priority 100   ! two',
      '} # three',
    ])
  })

  it('when a brace moves', () => {
    expect(formatted('vrrp_instance V  # one', '{', '}')).toEqual(['vrrp_instance V {  # one', '}'])
    expect(formatted('vrrp_instance V', '{ # one', '}')).toEqual(['vrrp_instance V { # one', '}'])
    expect(formatted('vrrp_instance V # one', '{ # two', '}')).toEqual(['vrrp_instance V # one', '{ # two', '}'])
    expect(formatted('vrrp_instance V', '# one', '{', '}')).toEqual(['vrrp_instance V', '# one', '{', '}'])
  })

  it('at the last of the lines that one becomes', () => {
    expect(formatted('vrrp_instance V { priority 9 # one', '}')).toEqual([
      'vrrp_instance V {',
      '  priority 9 # one',
      '}',
    ])
  })

  it('after escapes and quotes', () => {
    expect(formatted('vrrp_instance V { priority \\#9 # "', 'notify "a # b" # c', '}')).toEqual([
      'vrrp_instance V {',
      '  priority \\#9 # "',
      '  notify "a # b" # c',
      '}',
    ])
  })
})

describe('to the letter stay', () => {
  it.each([
    ['a definition', ['  $A=b   c']],
    ['a definition with braces', ['$A=vrrp_instance V { ']],
    ['a definition of several lines', [' $A= \\', '      vrrp_instance V { \\', '', 'instance a']],
    ['a line with a condition', ['vrrp_instance V {', '@one    priority   9 ', '@^one priority 8', '}']],
    ['a repetition', ['vrrp_instance V {', ' ~SEQ(A, 1, 3)  10.0.0.$A  ', '}']],
    ['a repetition with braces', ['~LST({A,B}, {a,b}) $A $B']],
    ['an include', ['vrrp_instance V {', 'include  {a,b}.conf', '}']],
    ['a line that is too long to be read', [`  instance ${'x'.repeat(1_100)} {   `]],
  ])('%s', (_what, lines) => {
    expect(formatted(...lines)).toEqual(lines)
  })

  it('the pieces of a line with a definition, but for its indentation', () => {
    expect(formatted('vrrp_instance $A {', 'virtual_ipaddress {$B}', 'track_script $C', '{', '}', '}')).toEqual([
      'vrrp_instance $A {',
      '  virtual_ipaddress {$B}',
      '  track_script $C',
      '  {',
      '  }',
      '}',
    ])
  })

  it('braces after what opens no block', () => {
    expect(formatted('vrrp_instance V {', 'priority', '{', '} # odd', 'router_id a{b}c', '}')).toEqual([
      'vrrp_instance V {',
      '  priority',
      '  {',
      '  } # odd',
      '  router_id a{b}c',
      '}',
    ])
  })

  it('what would be read otherwise on a line of its own', () => {
    const lines = ['vrrp_instance V { include a.conf }', 'vrrp_instance W { @one priority 9 }']
    expect(formatted(...lines)).toEqual(lines)
  })

  it('what would grow too long', () => {
    const line = `notify ${'x'.repeat(1_014)}`
    expect(formatted('vrrp_instance V {', line, '}')).toEqual(['vrrp_instance V {', line, '}'])
  })
})

describe('lines with conditions', () => {
  it('may each open the same block', () => {
    expect(formatted('@one vrrp_instance A {', '@two vrrp_instance B {', 'priority 9', '}')).toEqual([
      '@one vrrp_instance A {',
      '@two vrrp_instance B {',
      '  priority 9',
      '}',
    ])
  })

  it('may hold a whole block', () => {
    const lines = ['@one vrrp_script s {', '@one script /bin/true', '@one }', 'instance a']
    expect(formatted(...lines)).toEqual(lines)
  })

  it('do not take a brace', () => {
    expect(formatted('@one vrrp_instance A', '@two vrrp_instance B', '{', 'priority 9', '}')).toEqual([
      '@one vrrp_instance A',
      '@two vrrp_instance B',
      '{',
      '  priority 9',
      '}',
    ])
  })
})

describe('a file stays as it is', () => {
  it.each([
    ['with a block that is not closed', 'instance a\nvrrp_instance V {\n  priority 9\n', 2, 'a block is not closed'],
    ['with a brace too many', 'vrrp_instance V {\n}\n  }\n', 3, "a '}' closes nothing"],
    ['with a quote that is not closed', '  instance "a\n', 1, 'a double quote is not closed'],
    ['with a NUL byte', '  instance a\n b\0c', 2, 'the line holds a NUL byte'],
  ])('%s', (_what, text, line, reason) => {
    expect(formatConfig(text)).toEqual({text, changed: false, leftAlone: {line, reason}})
  })
})
