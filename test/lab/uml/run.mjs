// Runs shell commands as root inside User-Mode Linux, which has IPVS: prints what they print and exits as they do.
// usage: node test/lab/uml/run.mjs 'COMMANDS' [SECONDS]
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'

const [commands, seconds = '120'] = process.argv.slice(2)
if (commands === undefined || !/^[1-9]\d{0,5}$/.test(seconds)) {
  console.error("usage: node test/lab/uml/run.mjs 'COMMANDS' [SECONDS]")
  process.exit(2)
}

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..', '..')
const {bootUml} = await load(join(here, 'machine.ts'))
const script = `cd ${JSON.stringify(root)}\n${commands}\n`
process.exitCode = await bootUml({files: {}, script, timeoutMs: Number(seconds) * 1_000}, end => {
  process.stdout.write(end.stdout)
  process.stderr.write(end.stderr)
  if (end.timedOut) console.error(`ended after ${seconds} s`)
  else if (end.code === undefined) console.error(end.console)
  return end.code ?? 99
})

/** Node 20 does not read TypeScript. */
async function load(path) {
  const define = {'import.meta.dirname': JSON.stringify(dirname(path))}
  const {outputFiles} = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    define,
  })
  return await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
