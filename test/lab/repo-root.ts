import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** The checkout this file belongs to, whether it runs as a source file or out of a bundle in dist/. */
export function repoRoot(): string {
  let directory = import.meta.dirname
  for (;;) {
    const manifest = join(directory, 'package.json')
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === 'hactl') return directory
    const parent = dirname(directory)
    if (parent === directory) throw new Error(`no package.json of hactl above ${import.meta.dirname}`)
    directory = parent
  }
}
