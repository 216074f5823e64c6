import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, relative, resolve} from 'node:path'
import {describe, expect, it} from 'vitest'
import {validate} from '../../../src/cli/validate.ts'
import {HOST_CODES} from '../../../src/config/codes/host-codes.ts'
import {instanceText} from '../support.ts'

const ROOT = resolve(import.meta.dirname, '../../..')

/** Every file of ours that a file imports, directly or through others; types are no import. */
function reachedFrom(start: string): readonly string[] {
  const reached = new Set([join(ROOT, start)])
  for (const file of reached) {
    const text = readFileSync(file, 'utf8')
    for (const [, path = ''] of text.matchAll(/(?:^import (?!type)[^']*|^\} from |\bimport\()'(\.[^']+)'/gm)) {
      reached.add(resolve(dirname(file), path))
    }
  }
  return [...reached].map(file => relative(ROOT, file))
}

const OF_HOSTS = /^src\/config\/(environment|host-view|name-lookup)/

describe('what a host lacks', () => {
  it('is looked for by the command line', () => {
    expect(reachedFrom('src/cli/validate.ts').filter(path => OF_HOSTS.test(path))).not.toEqual([])
  })

  it.each(['src/agent/vrrp/main.ts', 'src/agent/check/main.ts'])('is not looked for by %s', start => {
    const reached = reachedFrom(start)
    expect(reached.length).toBeGreaterThan(1)
    expect(reached.filter(path => OF_HOSTS.test(path))).toEqual([])
  })

  it('is told of one configuration, and left out with --offline and for several nodes', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hactl-wiring-'))
    try {
      const paths = ['a.conf', 'b.conf'].map(name => join(directory, name))
      for (const path of paths) writeFileSync(path, instanceText().replace('eth0', 'hactl-none0'))
      const lacks = async (names: readonly string[], offline: boolean): Promise<readonly string[]> => {
        const selection = {offline, only: undefined, ignore: []}
        const {findings} = await validate(names, {simulate: false, selection})
        return findings.map(({code}) => code).filter(code => code.startsWith('HC17'))
      }
      expect(await lacks(paths.slice(0, 1), false)).toEqual(['HC1701'])
      expect(await lacks(paths.slice(0, 1), true)).toEqual([])
      expect(await lacks(paths, false)).toEqual([])
    } finally {
      rmSync(directory, {recursive: true, force: true})
    }
  })

  it('is of the class environment, but for what others could make of a program or a key', () => {
    const others = Object.values(HOST_CODES).filter(({class: kind}) => kind !== 'environment')
    expect(others.map(({code, class: kind}) => `${code} ${kind}`)).toEqual(
      ['HC1724', 'HC1725', 'HC1726', 'HC1743'].map(code => `${code} security`),
    )
  })
})
