import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {expect, test} from 'vitest'

const isRoot = process.getuid?.() === 0
const SOURCE = fileURLToPath(new URL('../../src/kernel/privileges.ts', import.meta.url))

/** Asks in a process of its own, which `setpriv` takes capabilities from first. */
async function ask(...setpriv: string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'hactl-privileges-'))
  try {
    const script = join(directory, 'ask.cjs')
    const contents = `import {requireNetworkPrivileges} from ${JSON.stringify(SOURCE)}
      try { requireNetworkPrivileges(); console.log('may') } catch (e) { console.log(e.code + ': ' + e.message) }`
    await build({
      stdin: {contents, resolveDir: directory, loader: 'ts'},
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    })
    return spawnSync('setpriv', [...setpriv, process.execPath, script], {encoding: 'utf8'}).stdout.trim()
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}

test.skipIf(!isRoot)('root may, and whoever lacks a capability is told which', async () => {
  expect(await ask()).toBe('may')
  expect(await ask('--bounding-set=-net_raw')).toBe('PERMISSION: this process lacks CAP_NET_RAW')
  expect(await ask('--bounding-set=-net_raw,-net_admin')).toBe(
    'PERMISSION: this process lacks CAP_NET_ADMIN and CAP_NET_RAW',
  )
})
