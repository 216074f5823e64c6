// Writes man/hactl.conf.5 from the tables of keywords. The build starts this.
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Writes the page where it differs from what is there. */
export async function writeManual() {
  const directory = mkdtempSync(join(tmpdir(), 'hactl-manual-'))
  try {
    const outfile = join(directory, 'manual.cjs')
    const entry = join(root, 'src', 'config', 'manual', 'manual-page.ts')
    await build({entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning'})
    const page = createRequire(import.meta.url)(outfile).manualPage()
    const file = join(root, 'man', 'hactl.conf.5')
    if (!existsSync(file) || readFileSync(file, 'utf8') !== page) writeFileSync(file, page)
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}
