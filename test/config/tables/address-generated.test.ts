import {describe, expect, it} from 'vitest'
import {seededRandom} from '../../sim/random.ts'
import {addressLine, routeLine, ruleLine} from './generated-lines.ts'
import {type LineBlock, readLines, withoutPosition, writtenLines} from './line-support.ts'

const MAKERS = [
  ['virtual_ipaddress_excluded', addressLine],
  ['virtual_routes', routeLine],
  ['virtual_rules', ruleLine],
] as const

const LINES = 400

describe('generated lines', () => {
  it.each(MAKERS)('of %s are written as they are read', (block, make) => {
    const random = seededRandom(7)
    const lines = Array.from({length: LINES}, () => make(random))
    const {values, found} = readLines<LineBlock>(block, ...lines)
    expect(found.filter(text => text.includes(' error '))).toEqual([])
    expect(values).toHaveLength(LINES)
    const written = writtenLines<LineBlock>(block, values)
    const again = readLines<LineBlock>(block, ...written)
    expect(again.found.filter(text => text.includes(' error '))).toEqual([])
    expect(withoutPosition(again.values)).toEqual(withoutPosition(values))
    expect(writtenLines<LineBlock>(block, again.values)).toEqual(written)
  })

  it.each(MAKERS)('of %s never throw when words are lost, doubled or changed', (block, make) => {
    const random = seededRandom(8)
    let errors = 0
    for (let round = 0; round < 60; round++) {
      const lines = Array.from({length: 50}, () => {
        const words = make(random).split(' ')
        const at = random(words.length)
        words.splice(at, random(3), ...([['x'], ['-1', '5'], [words.at(-1) ?? ''], []][random(4)] ?? []))
        return words.join(' ')
      })
      const {values, found} = readLines<LineBlock>(block, ...lines)
      errors += found.length
      const again = readLines<LineBlock>(block, ...writtenLines<LineBlock>(block, values))
      expect(withoutPosition(again.values)).toEqual(withoutPosition(values))
    }
    expect(errors).toBeGreaterThan(500)
  })
})
