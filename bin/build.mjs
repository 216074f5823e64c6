// Makes dist/ from the sources: one CommonJS file for the command line, one for each process of the agent, and a module
// for the dashboard.
import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import {writeManual} from './write-manual.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Bundles by their path below dist/; one whose entry is not there is left out. */
const ENTRIES = {
  hactl: 'src/cli/main.ts',
  'agent/supervisor': 'src/agent/supervisor/main.ts',
  'agent/vrrp': 'src/agent/vrrp/main.ts',
  'agent/check': 'src/agent/check/main.ts',
  demo: 'test/demo/main.ts',
  bench: 'test/bench/main.ts',
  screenshots: 'test/top/screenshots.ts',
}

/** Packages with native code cannot be bundled. */
const NATIVE = ['esbuild', 'koffi', 'netlink', 'raw-socket']

/** oclif would read a program's TypeScript sources with this; there are none here. */
const NEVER_LOADED = ['typescript']

/** The command line loads agent and dashboard as the bundles that they are, and only to run them. */
const bundlesApart = {
  name: 'bundles-apart',
  setup({onResolve}) {
    onResolve({filter: /\/agent\/supervisor\/main\.ts$/}, ({kind}) =>
      kind === 'dynamic-import' ? {path: './agent/supervisor.cjs', external: true} : undefined,
    )
    onResolve({filter: /\/tui\/main\.tsx$/}, ({kind}) =>
      kind === 'dynamic-import' ? {path: './dashboard.cjs', external: true} : undefined,
    )
  },
}

/**
 * oclif loads all of itself, and all that it may ever need, at every start. Here each of its imports waits until
 * it is used: a stand-in loads the module when something is first read from it.
 */
const lazyOclif = {
  name: 'lazy-oclif',
  setup({onLoad}) {
    onLoad({filter: /node_modules\/@oclif\/core\/lib\/.*\.js$/}, ({path}) => ({
      contents: lazily(readFileSync(path, 'utf8')),
      loader: 'js',
    }))
  },
}

const IMPORT = /^const (\w+) = ((?:__importDefault|__importStar)\()?require\(("[^"]+")\)\)?;$/gm
const STAND_IN = `const __later = load => {
  let loaded;
  return new Proxy(Object.create(null), {get: (_, name) => (loaded ??= load())[name]});
};
`

function lazily(source) {
  const changed = source.replace(IMPORT, (_, name, helper, path) =>
    helper
      ? `const ${name} = __later(() => ${helper}require(${path})));`
      : `const ${name} = __later(() => require(${path}));`,
  )
  return changed === source ? source : STAND_IN + changed
}

async function bundle(name, entry) {
  const entryPoint = join(root, entry)
  const outfile = join(dist, `${name}.cjs`)
  if (!existsSync(entryPoint)) {
    rmSync(outfile, {force: true})
    return
  }
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Names of classes and functions stay as they are: they appear in messages.
    minifySyntax: true,
    minifyWhitespace: true,
    external: [...NATIVE, ...NEVER_LOADED],
    define: {HACTL_VERSION: JSON.stringify(version), 'import.meta.dirname': '__dirname'},
    // A script that runs from V8's code cache can require but not import.
    supported: {'dynamic-import': false},
    plugins: name === 'hactl' ? [bundlesApart, lazyOclif] : [bundlesApart],
    logLevel: 'warning',
  })
}

/** Ink imports React's debugger, which is no dependency of it, and starts it when DEV=true is in the environment. */
const withoutDebugger = {
  name: 'without-debugger',
  setup({onResolve, onLoad}) {
    onResolve({filter: /^react-devtools-core$/}, ({path}) => ({path, namespace: 'nothing'}))
    onLoad({filter: /.*/, namespace: 'nothing'}, () => ({
      contents: 'export default {initialize() {}, connectToDevTools() {}}',
    }))
  },
}

/**
 * The dashboard is a module of its own: Ink waits for its layout engine at top level, which CommonJS cannot. What the
 * command line, which can only require, loads is a few lines that import it.
 */
async function bundleDashboard() {
  const entryPoint = join(root, 'src/tui/main.tsx')
  const outfile = join(dist, 'dashboard.mjs')
  const starter = join(dist, 'dashboard.cjs')
  rmSync(outfile, {force: true})
  rmSync(starter, {force: true})
  if (!existsSync(entryPoint)) return
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    jsx: 'automatic',
    minifySyntax: true,
    minifyWhitespace: true,
    external: [...NATIVE, ...NEVER_LOADED],
    plugins: [withoutDebugger],
    // React's checks for developers cost half of each frame.
    define: {HACTL_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"'},
    banner: {
      js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  })
  writeFileSync(
    starter,
    "'use strict'\nexports.runDashboard = async options => (await import('./dashboard.mjs')).runDashboard(options)\n",
  )
}

mkdirSync(dist, {recursive: true})
// V8 knows a stale cache by the length of the source alone.
for (const file of readdirSync(dist)) if (file.endsWith('.cache')) rmSync(join(dist, file))
writeFileSync(join(dist, 'package.json'), '{"type": "commonjs"}\n')
const bundles = Object.entries(ENTRIES).map(([name, entry]) => bundle(name, entry))
const built = await Promise.allSettled([...bundles, bundleDashboard(), writeManual()])
if (built[0].status === 'fulfilled') {
  const {NODE_OPTIONS: _, ...env} = process.env
  const {status} = spawnSync(process.execPath, [join(root, 'bin', 'code-cache.cjs')], {
    env,
    stdio: 'inherit',
    timeout: 30_000,
  })
  if (status !== 0) console.error('no code cache was written: commands will start a little slower')
}
// esbuild has printed what is wrong.
if (built.some(({status}) => status === 'rejected')) process.exit(1)
