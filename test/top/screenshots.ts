import {spawnSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {missingForLab} from '../lab/peers.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {runInUml} from '../lab/uml/uml.ts'
import {Screen} from './screen.ts'
import {PICTURES, type Shot, takeAllShots} from './shots.ts'
import {screenSvg} from './svg.ts'

const TIMEOUT_MS = 600_000

/**
 * `npm run screenshots`: plays a cluster, and writes what its dashboard shows to docs/screenshots, as text, and some of it
 * as PNG. In User-Mode Linux, which has IPVS; with `--here` on this machine, which need not have it.
 */
async function main(isHere: boolean): Promise<number> {
  const missing = missingForLab(['ip', 'nginx', 'sshd', 'tmux', 'rsvg-convert', ...(isHere ? [] : (['uml'] as const))])
  if (missing !== undefined) {
    console.error(`no screenshots: ${missing}`)
    return 1
  }
  const directory = join(repoRoot(), 'docs', 'screenshots')
  mkdirSync(directory, {recursive: true})
  const guest = join(repoRoot(), 'test', 'top', 'shots-guest.ts')
  const shots = isHere
    ? await takeAllShots({})
    : await runInUml<readonly Shot[]>({guest, timeoutMs: TIMEOUT_MS, memoryMb: 1_024})
  for (const shot of shots) {
    save(directory, shot)
    console.log(`docs/screenshots/${shot.name}.txt${PICTURES.includes(shot.name) ? ' and .png' : ''}`)
  }
  return 0
}

function save(directory: string, {name, columns, rows, coloured}: Shot): void {
  const screen = new Screen(columns, rows)
  screen.write(coloured.replace(/\n$/, '').replaceAll('\n', '\r\n'))
  writeFileSync(join(directory, `${name}.txt`), `${screen.lines.join('\n').trimEnd()}\n`)
  if (!PICTURES.includes(name)) return
  const png = join(directory, `${name}.png`)
  const {status, stderr, error} = spawnSync('rsvg-convert', ['-o', png], {input: screenSvg(screen), encoding: 'utf8'})
  if (status !== 0) throw new Error(`${png}: ${error?.message ?? stderr}`)
}

main(process.argv.includes('--here')).then(
  code => process.exit(code),
  error => {
    console.error(error)
    process.exit(1)
  },
)
