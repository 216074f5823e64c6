import {playDemo} from './play.ts'

// Leaving by process.exit lets the lab remove its folder; the rest ends with this process in any case.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

// Not process.exit: what was written must still get out.
void playDemo(process.stdout).then(code => {
  process.exitCode = code
})
