import {setImmediate} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {parseConfig} from '../../src/config/parse.ts'
import {seededRandom} from '../sim/random.ts'
import {mutate, SCRAPS, SECRET, SEED, survives} from './mutation.ts'

describe('hostile text', {timeout: 60_000}, () => {
  it('of noise is survived', async () => {
    const random = seededRandom(11)
    for (let i = 0; i < 500; i++) {
      await setImmediate()
      survives(Array.from({length: random(400)}, () => SCRAPS[random(SCRAPS.length)]).join(''))
    }
  })

  it('never makes a finding show the password', () => {
    const random = seededRandom(3)
    const line = `  auth_pass ${SECRET}\n`
    const [head = '', tail = ''] = SEED.split(line)
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
    survives(text)
  })
})
