import {describe, expect, it} from 'vitest'
import {complaints, onlyInstance, parse} from '../support.ts'

const HEAD = 'vrrp_instance V {\n interface eth0\n virtual_router_id 7\n'

describe('braces that balance', () => {
  it.each([
    ['on the same line', 'vrrp_instance V { interface eth0\n virtual_router_id 7\n virtual_ipaddress { 10.0.0.1 } }'],
    [
      'on later lines',
      'vrrp_instance V\n\n{\n interface eth0\n virtual_router_id 7\n virtual_ipaddress\n{\n10.0.0.1\n}\n}',
    ],
    ['glued to words', 'vrrp_instance V{\n interface eth0\n virtual_router_id 7\n virtual_ipaddress{10.0.0.1}}'],
    ['with carriage returns', `${HEAD} virtual_ipaddress {\n 10.0.0.1\n }\n}\n`.replaceAll('\n', '\r\n')],
    ['after comments', `${HEAD} virtual_ipaddress { # { here\n 10.0.0.1 ! }\n }\n}`],
  ])('are read %s', (_where, text) => {
    const loaded = parse(text)
    expect(loaded.diagnostics).toEqual([])
    expect(onlyInstance(loaded.config)).toMatchObject({
      name: 'V',
      interface: 'eth0',
      vrid: 7,
      vips: [{address: '10.0.0.1'}],
    })
  })
})

describe('one mistake with braces is one finding', () => {
  const vip = ' virtual_ipaddress {\n  10.0.0.1\n }\n'
  it.each([
    ['the last is missing', `${HEAD}${vip}`, ['HC1103 error 1:17']],
    [
      'an inner one is missing',
      `${HEAD} authentication {\n  auth_type PASS\n  auth_pass x\n${vip}}`,
      ['HC1103 error 4:17'],
    ],
    ['one of a list is missing', `${HEAD} virtual_ipaddress {\n  10.0.0.1\n priority 50\n}`, ['HC1103 error 4:20']],
    ['one too many at the end', `${HEAD}${vip}}\n}`, ['HC1104 error 8:1']],
    ['one too many within', `${HEAD} }\n${vip}}`, ['HC1104 error 4:2']],
    ['the opening one is missing', `${HEAD.replace(' {', '')}${vip}}`, ['HC1105 error 1:1']],
    ['the opening one of a list is missing', `${HEAD} virtual_ipaddress\n  10.0.0.1\n }\n}`, ['HC1105 error 4:2']],
    ['one follows a plain keyword', `${HEAD} priority 50 {\n  foo bar\n }\n${vip}}`, ['HC1106 error 4:14']],
    ['one stands alone', `${HEAD}${vip}}\n{\n foo\n}`, ['HC1106 error 8:1']],
    ['a value has braces', `global_defs {\n router_id a{b}c\n}\n${HEAD}${vip}}`, ['HC1106 error 2:13']],
    ['an unknown block', `frob x {\n bar {\n baz\n }\n}\n${HEAD}${vip}}`, ['HC1201 error 1:1']],
  ])('%s', (_what, text, expected) => {
    const loaded = parse(text)
    expect(complaints(loaded)).toEqual(expected)
    expect(onlyInstance(loaded.config).vips).toHaveLength(1)
  })

  it('names the line before which a brace is missing', () => {
    const text = `${HEAD} authentication {\n  auth_type PASS\n  auth_pass x\n virtual_ipaddress { 10.0.0.1 }\n}`
    expect(parse(text).diagnostics[0]?.message).toBe("the block of 'authentication' is not closed before line 7")
  })

  it('a block keyword without any block has no effect', () => {
    const loaded = parse(`${HEAD} virtual_ipaddress 10.0.0.1\n}`)
    expect(complaints(loaded)).toEqual(['HC1505 error 1:1', 'HC1105 error 4:2'])
    expect(onlyInstance(loaded.config).vips).toEqual([])
  })

  it('too many nested blocks', () => {
    const loaded = parse(`${'a {\n'.repeat(500)}${'}\n'.repeat(500)}`)
    expect(new Set(complaints(loaded).map(text => text.slice(0, 6)))).toEqual(new Set(['HC1201', 'HC1107']))
  })
})

describe('keywords', () => {
  it.each([
    ['a misspelt one', 'priorty 50', 'HC1201', 'did you mean priority?'],
    ['one in the wrong case', 'Priority 50', 'HC1201', 'did you mean priority?'],
    ['one with a colon', 'priority: 50', 'HC1201', 'did you mean priority?'],
    ['one of another block', 'router_id x', 'HC1202', 'it stands in global_defs'],
    ['one that nobody knows', 'xyzzy 1', 'HC1201', undefined],
  ])('%s is reported where it stands', (_what, line, code, hint) => {
    const [found, ...others] = parse(`${HEAD} virtual_ipaddress { 10.0.0.1 }\n ${line}\n}`).diagnostics
    expect(others).toEqual([])
    expect(found).toMatchObject({code, severity: 'error', position: {file: 'a.conf', line: 5, column: 2}})
    expect(found?.hint).toBe(hint)
  })

  it('known but not acted on are told once a name', () => {
    const server = (n: number) =>
      `virtual_server 10.0.0.${n} 80 {\n lb_algo rr\n lb_kind NAT\n protocol TCP\n snmp_name x\n real_server 10.0.0.9 80 {\n }\n}\n`
    const found = parse([1, 2, 3].map(server).join('')).diagnostics.filter(({severity}) => severity === 'info')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({code: 'HC1901', severity: 'info', position: {line: 5}})
    expect(found[0]?.message).toMatch(
      /: snmp_name is accepted, but not acted on yet \(3 times in this configuration\)$/,
    )
  })

  it('unknown ones are found in blocks that are not acted on', () => {
    const text = 'virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n  TCP_CHEK {\n   x\n  }\n }\n}\n'
    const found = parse(text).diagnostics.filter(({code}) => code === 'HC1201')
    expect(found).toMatchObject([{position: {line: 3, column: 3}, hint: 'did you mean TCP_CHECK?'}])
  })

  it.each([
    ['a no-break space', '\u00a0priority\u00a050', ['HC1108 warning 5:2', 'HC1201 error 5:2']],
    ['typographic quotes', 'notify \u201c/bin/x\u201d', ['HC1108 warning 5:9']],
    ['a semicolon', 'priority 50;', ['HC1204 error 5:11']],
    ['a comment within a word', 'notify /bin/x#y', ['HC1116 warning 5:15']],
    ['a comment that ends in a backslash', 'priority 50 # more \\', ['HC1120 warning 5:21']],
    ['a condition that stands alone', '@here', ['HC1121 warning 5:2']],
    ['a NUL byte', 'priority 50\0 foo', ['HC1109 error 5:13']],
    ['a quote that is not closed', 'notify "/bin/x', ['HC1102 error 5:9']],
    ['two statements on a line', 'priority 50 advert_int 3', ['HC1206 warning 5:14']],
    ['a line that is too long', `notify /bin/${'x'.repeat(1_100)}`, ['HC1101 error 5:1']],
  ])('%s is noticed', (_what, line, expected) => {
    expect(complaints(parse(`${HEAD} virtual_ipaddress { 10.0.0.1 }\n ${line}\n}`))).toEqual(expected)
  })
})
