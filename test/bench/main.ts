/** Measures and prints; resolves to the exit code: 0 when every figure is within its limit. */
export type Benchmark = (argv: readonly string[]) => Promise<number>

/** Every benchmark by its name, loaded when it is run. */
const BENCHMARKS: {readonly [name: string]: () => Promise<Benchmark>} = {
  cli: async () => (await import('./cli.ts')).benchCli,
  checks: async () => (await import('./checks.ts')).benchChecks,
  config: async () => (await import('./config.ts')).benchConfig,
  interop: async () => (await import('../interop/bench.ts')).benchInterop,
  backends: async () => (await import('./hostile-backends.ts')).benchHostileBackends,
  hostile: async () => (await import('../interop/hostile-bench.ts')).benchHostile,
  lvs: async () => (await import('./lvs.ts')).benchLvs,
  top: async () => (await import('./top.ts')).benchTop,
  vrrp: async () => (await import('./vrrp.ts')).benchVrrp,
}

async function main([name, ...argv]: readonly string[]): Promise<number> {
  const load = name === undefined ? undefined : BENCHMARKS[name]
  if (load === undefined) {
    process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHMARKS).join(' | ')}\n`)
    return 2
  }
  const benchmark = await load()
  return benchmark(argv)
}

main(process.argv.slice(2)).then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
