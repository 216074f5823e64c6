// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what the text under test says
import {describe, expect, it} from 'vitest'
import {parseConfig} from '../../../src/config/parse.ts'
import {complaints, instanceText, onlyInstance, parse} from '../support.ts'

describe('includes', () => {
  it('bring lines into the block they stand in, with positions of their own', () => {
    const loaded = parse(instanceText('include more.conf', 'advert_int 3'), {'more.conf': 'priority 50\nfrob 1'})
    expect(onlyInstance(loaded.config)).toMatchObject({priority: 50, advertIntervalMs: 3_000})
    expect(loaded.diagnostics).toMatchObject([{code: 'HC1201', position: {file: 'more.conf', line: 2, column: 1}}])
    expect(loaded.files).toEqual(['a.conf', 'more.conf'])
  })

  it.each([
    ['include none.conf', 'HC1002 warning 1:9'],
    ['includer none.conf', 'HC1002 warning 1:10'],
    ['includem none.conf', 'HC1003 error 1:10'],
    ['include', 'HC1203 error 1:8'],
    ['include a.conf', 'HC1005 error 1:9'],
  ])('%s is reported', (line, expected) => {
    expect(complaints(parse(line, {'a.conf': line}))).toEqual([expected])
  })

  it.each([
    ['include', 'unreadable', 'HC1010 warning 1:9'],
    ['include', 'skipped', 'HC1010 warning 1:9'],
    ['includer', 'unreadable', 'HC1004 error 1:10'],
    ['includer', 'skipped', 'HC1007 error 1:10'],
    ['include', 'too-big', 'HC1006 error 1:9'],
  ] as const)('%s tells of a file that is %s', (keyword, kind, expected) => {
    const problems = [{file: 'b.conf', kind, reason: 'the reason'}]
    const loaded = parseConfig({file: 'a.conf', text: `${keyword} b.conf`}, () => ({files: [], problems}))
    expect(complaints(loaded)).toEqual([expected])
    expect(loaded.diagnostics[0]?.message).toBe("'b.conf' is not read: the reason")
  })

  it('of each other come to an end', () => {
    const loaded = parse('include b.conf', {'b.conf': 'include c.conf', 'c.conf': 'include b.conf'})
    expect(complaints(loaded)).toEqual(['HC1005 error 1:9'])
  })

  it('that are nested without end are cut off', () => {
    const files = Object.fromEntries(Array.from({length: 100}, (_, i) => [`${i}.conf`, `include ${i + 1}.conf`]))
    expect(complaints(parse('include 0.conf', files))).toEqual(['HC1006 error 1:9'])
  })
})

describe('definitions', () => {
  const routerId = (text: string, configId?: string): string | undefined =>
    parse(text, {}, configId).config.global.routerId

  it.each([
    ['$A=v\nglobal_defs {\nrouter_id $A\n}', 'v'],
    ['$A=v\nglobal_defs {\nrouter_id x${A}y\n}', 'xvy'],
    ['$A=1.${B}\n$B=one\n$B=two\nglobal_defs {\nrouter_id $A\n}', '1.two'],
    ['$G=\\\nglobal_defs { \\\n router_id ${N} \\\n}\n$N=mm\n$G', 'mm'],
    ['$G=\\\n# comment \\\nglobal_defs { \\ # why\n router_id x \\\n}\n$G', 'x'],
    ['$G=\\\nglobal_defs { \\\n@here router_id x \\\n@there router_id y \\\n}\n$G', 'x'],
    ['$I=\\\nrouter_id i\n$O=$I\nglobal_defs {\n$O\n}', 'i'],
    ['@here $A=one\n@there $A=two\nglobal_defs {\nrouter_id $A\n}', 'one'],
    ['global_defs {\n@^here router_id x\n@^there router_id y\n}', 'y'],
    ['$A=v\nglobal_defs {\nrouter_id "$A ${A}"\n}', '$A v'],
  ])('%j gives %s', (text, expected) => {
    expect(routerId(text)).toBe(expected.replace('$A v', 'v v'))
  })

  it.each([
    ['$A=$A\nglobal_defs {\nrouter_id $A\n}', ['HC1112 error 3:11']],
    ['$A=\\\n$A \\\n$A\n$A', ['HC1112 error 4:1']],
    ['global_defs {\nrouter_id $NONE\n}', ['HC1110 warning 2:11']],
    ['global_defs {\nrouter_id ${NONE}\n}', ['HC1111 error 2:11']],
    ['global_defs {\nrouter_id "${NONE}"\n}', ['HC1110 warning 2:12']],
    ['$R=~SEQ(N,1,2)\nglobal_defs {\n$R router_id ${N}\n}', ['HC1118 warning 3:1', 'HC1207 warning 3:4']],
  ])('%j is reported', (text, expected) => {
    expect([...new Set(complaints(parse(text)))]).toEqual(expected)
  })

  it('keep the columns of what follows them', () => {
    const text = '$LONG=something_long\nglobal_defs {\nrouter_id ${LONG} extra\n}'
    expect(complaints(parse(text))).toEqual(['HC1206 warning 3:19'])
  })

  it('that grow without bound are cut off', () => {
    const names = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
    const text = names.map((name, i) => `$${name}=${`\${${names[i + 1] ?? '_HASH'}} `.repeat(9)}`).join('\n')
    const loaded = parse(`${text}\nglobal_defs {\nrouter_id $A\n}\n`)
    expect(complaints(loaded)).toContain('HC1112 error 28:11')
  })
})

describe('repetitions', () => {
  const names = (head: string): readonly string[] =>
    parse(`${head} vrrp_script s\${N} { script "/bin/x" }`).config.scripts.map(({name}) => name)

  it.each([
    ['~SEQ(N,1,3)', ['s1', 's2', 's3']],
    ['~SEQ(N,9,-3,0)', ['s9', 's6', 's3', 's0']],
    ['~SEQ(N,-2)', ['s-1', 's-2']],
    ['~SEQ(N,0)', ['s1', 's0']],
    ['~SEQx(N,8,12)', ['s8', 's9', 'sa', 'sb', 'sc']],
    ['~SEQ ( N , 010 , 011 )', ['s8', 's9']],
    ['~SEQ(N,1,1,2,%03d)', ['s001', 's002']],
    ['~LST(N,a,b)', ['sa', 'sb']],
    ['~LST({N,M},{a,b},{,d})', ['sa', 's']],
    ['~SEQ(M,1,2) ~LST(N,${M}a)', ['s1a', 's2a']],
  ])('%s', (head, expected) => {
    expect(names(head)).toEqual(expected)
  })

  it.each(['~SEQ(N,1,-1,5)', '~SEQ(N,1,0,5)', '~SEQ(N,x)', '~SEQ(1,2)', '~SEQ(N,1', '~LST({A,B},{1,2,3})'])(
    '%s is malformed',
    head => {
      expect(complaints(parse(`${head} frob`))).toEqual(['HC1114 error 1:1'])
    },
  )

  it('give their names back', () => {
    const {config} = parse(
      '$N=9\n~SEQ(N,1,2) vrrp_script s${N} { script "/bin/x" }\nvrrp_script t${N} { script "/bin/x" }',
    )
    expect(config.scripts.map(({name}) => name)).toEqual(['s1', 's2', 't9'])
  })

  it('come to an end', () => {
    const loaded = parse('~SEQ(A,1,4000000000) ~SEQ(B,1,4000000000) # nothing')
    expect(loaded.config.instances).toEqual([])
  })
})
