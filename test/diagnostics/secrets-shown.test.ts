import {readdirSync, readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import type {LoadedConfig} from '../../src/config/config.ts'
import {describeChanges} from '../../src/config/diff.ts'
import {parseConfig} from '../../src/config/parse.ts'
import {readBack} from '../../src/config/read-back.ts'
import {summarizeReload} from '../../src/config/reload-plan.ts'
import {MASK} from '../../src/config/secrets.ts'
import type {Finding} from '../../src/diagnostics/finding.ts'
import {findingReply} from '../../src/diagnostics/finding-reply.ts'
import {findingsText, type Look} from '../../src/diagnostics/human.ts'
import {sarifLog} from '../../src/diagnostics/sarif.ts'
import {sourceTexts} from '../../src/diagnostics/source-texts.ts'
import {CORPUS, corpusName, hasCorpus, instanceText} from '../config/support.ts'
import {seededRandom} from '../sim/random.ts'

const SECRET = 'Zq9xW4vK'
const LOOK: Look = {paint: (_, text) => text, width: Number.POSITIVE_INFINITY, fileName: file => file}

/** Everything that is shown of a configuration, were each of its lines complained about. */
function everythingShown(loaded: LoadedConfig): string {
  const sources = sourceTexts(loaded.texts)
  const everywhere = [...loaded.texts].flatMap(([file, text]): Finding[] =>
    text.split('\n').map((_, index) => ({
      code: 'HC1201',
      severity: 'error',
      class: 'semantic',
      message: 'something is wrong here',
      position: {file, line: index + 1, column: 1},
    })),
  )
  const findings = [...loaded.diagnostics, ...everywhere]
  return [
    findingsText(findings, sources, LOOK),
    JSON.stringify(findings.map(finding => findingReply(finding, sources))),
    JSON.stringify(sarifLog(findings, sources, {version: '1.0.0', uri: file => file})),
    JSON.stringify(readBack(loaded.config, {mode: 'given', secrets: false})),
    JSON.stringify(readBack(loaded.config, {mode: 'effective', secrets: false})),
  ].join('\n')
}

const parsed = (text: string): LoadedConfig => parseConfig({file: 'a.conf', text})

/** The lines of what is shown that tell the secret. */
const telling = (text: string): readonly string[] =>
  text.split('\n').flatMap(line => [...line.matchAll(new RegExp(`.{0,60}${SECRET}`, 'g'))].map(([found]) => found))

describe('no secret is shown', () => {
  it.each([
    ['in its place', `authentication {\nauth_type PASS\nauth_pass ${SECRET}\n}`],
    ['in quotes', `authentication {\nauth_type PASS\nauth_pass "${SECRET}"\n}`],
    ['with blanks in it', `authentication {\nauth_type PASS\nauth_pass "a ${SECRET}"\n}`],
    ['with words after it', `authentication {\nauth_type PASS\nauth_pass 1234 ${SECRET}\n}`],
    ['on one line', `authentication { auth_type PASS auth_pass ${SECRET} }`],
    ['without its block', `auth_pass ${SECRET}`],
    ['in a block that is misspelt', `authentcation {\nauth_type PASS\nauth_pass ${SECRET}\n}`],
    ['after a keyword that is misspelt', `authentication {\nauth_type PASS\nauth_pas ${SECRET}\n}`],
    ['after a keyword that is misspelt beyond help', `authentication {\nauth_type PASS\nauth_key ${SECRET}\n}`],
    ['alone on its line', `authentication {\nauth_type PASS\nauth_pass\n${SECRET}\n}`],
    ['in place of the type', `authentication {\nauth_type ${SECRET}\nauth_pass ${SECRET}\n}`],
    ['cut short by a comment', `authentication {\nauth_type PASS\nauth_pass 12#${SECRET}\n}`],
    ['cut short by another', `authentication {\nauth_type PASS\nauth_pass 12!${SECRET}\n}`],
    ['in a comment', `authentication {\nauth_type PASS\n# auth_pass ${SECRET}\nauth_pass 1\n}`],
    ['in a block that is not closed', `authentication {\nauth_type PASS\nauth_pass ${SECRET}`],
    ['with a quote that is not closed', `authentication {\nauth_type PASS\nauth_pass "${SECRET}\n}`],
    ['with its brace on the next line', `authentication\n{\nauth_type PASS\nauth_pass ${SECRET}\n}`],
    ['glued to a brace', `authentication{\nauth_type PASS\nauth_pass ${SECRET}}`],
    ['as a definition', `authentication {\nauth_type PASS\nauth_pass $PW\n}\n}\n$PW=${SECRET}\nvrrp_instance W {`],
    ['with an invisible character', `authentication {\nauth_type PASS\nauth_pass\u00a0${SECRET}\n}`],
    ['with smart quotes', `authentication {\nauth_type PASS\nauth_pass “${SECRET}”\n}`],
    ['of HMAC', `auth_hmac {\nkey 1 "${SECRET}"\n}`],
    ['of HMAC in every form', `auth_hmac {\nkey ${SECRET}\nkeys {\n1 ${SECRET}\n}\nalgorithm ${SECRET}\n}`],
    ['in notify scripts of a wrong kind', `authentication {\nnotify ${SECRET}\n}`],
  ])('%s', (_, lines) => {
    const text = `vrrp_instance V {\ninterface eth0\nvirtual_router_id 7\n${lines}\nvirtual_ipaddress { 10.0.0.1 }\n}\n`
    const shown = everythingShown(parsed(text))
    expect(shown).toContain(MASK)
    expect(telling(shown)).toEqual([])
  })

  it('in a definition before its use, over several lines', () => {
    const text = `$PW=\\\n${SECRET}\nvrrp_instance V {\nauthentication {\nauth_type PASS\nauth_pass $PW\n}\n}\n`
    expect(telling(everythingShown(parsed(text)))).toEqual([])
  })

  it('in a file that is included', () => {
    const text = 'vrrp_instance V {\ninclude secret.conf\n}\n'
    const included = `authentication {\nauth_type PASS\nauth_pass ${SECRET}\nauth_wrong ${SECRET}\n}\n`
    const loaded = parseConfig({file: 'a.conf', text}, () => ({
      files: [{file: 'secret.conf', text: included}],
      problems: [],
    }))
    expect(loaded.texts.size).toBe(2)
    expect(telling(everythingShown(loaded))).toEqual([])
  })

  it('for SSL', () => {
    const text = `SSL {\npassword ${SECRET}\nca ca.pem\n}\n`
    expect(telling(everythingShown(parsed(text)))).toEqual([])
  })

  it('where two configurations differ', () => {
    const text = (secret: string): string => instanceText(`authentication {\nauth_type PASS\nauth_pass ${secret}\n}`)
    const [before, after] = [parsed(text('1234')).config, parsed(text(SECRET)).config]
    const told = JSON.stringify([describeChanges(before, after), summarizeReload(before, after)])
    expect(told).toContain('authentication changed')
    expect(telling(told)).toEqual([])
  })
})

describe.skipIf(!hasCorpus)(corpusName('no secret of a collected configuration is shown'), {timeout: 120_000}, () => {
  const texts = (hasCorpus ? ['wild', 'devel'] : []).flatMap(folder =>
    readdirSync(CORPUS + folder)
      .filter(name => name.endsWith('.conf'))
      .map(name => ({name: `${folder}/${name}`, text: withSecret(readFileSync(`${CORPUS}${folder}/${name}`, 'utf8'))}))
      .filter(({text}) => text.includes(SECRET) && text.length < 20_000),
  )

  it('as it is', () => {
    const wrong = texts.flatMap(({name, text}) =>
      telling(everythingShown(parsed(text))).map(line => `${name}: ${line}`),
    )
    expect(texts.length).toBeGreaterThan(100)
    expect(wrong).toEqual([])
  })

  it('with lines lost, doubled and swapped', () => {
    const random = seededRandom(23)
    const wrong: string[] = []
    for (let round = 0; round < 150; round++) {
      const {name, text} = texts[random(texts.length)] ?? {name: '', text: ''}
      const lines = text.split('\n')
      const at = random(lines.length)
      const put = [[], [lines[at] ?? '', lines[at] ?? ''], [lines[at + 1] ?? '', lines[at] ?? '']][random(3)] ?? []
      lines.splice(at, put.length > 1 && put[0] !== put[1] ? 2 : 1, ...put)
      const shown = everythingShown(parsed(lines.join('\n')))
      wrong.push(...telling(shown).map(line => `${name} at ${at + 1}: ${line}`))
    }
    expect(wrong).toEqual([])
  })
})

function withSecret(text: string): string {
  return text.replace(/^(\s*auth_pass\s+)[^\s#!]+/gm, `$1${SECRET}`)
}
