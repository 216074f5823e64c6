import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {temporaryDirectory} from '../control/temporary.ts'
import {type Outcome, runHactl} from './run-hactl.ts'

/** A configuration without a finding, apart from what this host lacks. */
export const GOOD = `global_defs {
  router_id one
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 77
  priority 110
  advert_int 1
  virtual_ipaddress {
    10.1.2.3/24
  }
}
`

/** The same of the other node. */
export const OTHER = GOOD.replace('router_id one', 'router_id two').replace('priority 110', 'priority 100')

/** One error, in line 9. */
export const BAD = GOOD.replace('advert_int 1', 'prioritty 7')

/** One password. */
export const SECRET = 'S3cretX1'
export const WITH_SECRET = GOOD.replace(
  '  virtual_ipaddress',
  `  authentication {\n    auth_type PASS\n    auth_pass ${SECRET}\n  }\n  virtual_ipaddress`,
)

/** Files in a directory of their own, and the program run there. */
export interface Place {
  readonly directory: string
  readonly run: (line: string, more?: {readonly input?: string; readonly env?: Environment}) => Promise<Outcome>
}

type Environment = {readonly [name: string]: string}

/** Writes files into a new directory, which is gone after the test. */
export function placeWith(files: {readonly [name: string]: string}): Place {
  const directory = temporaryDirectory()
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name)
    mkdirSync(dirname(path), {recursive: true})
    writeFileSync(path, text)
  }
  return {
    directory,
    run: (line, {input, env} = {}) =>
      runHactl(line.split(' ').map(unquoted), env, {cwd: directory, ...(input === undefined ? {} : {input})}),
  }
}

/** An `ssh` that runs its words here, by a shell, as the real one does there; it tells them in the file `asked`. */
export function fakeSsh({directory}: Place, hactl: string): Environment {
  const path = join(directory, 'bin')
  mkdirSync(path)
  const scripts = {
    ssh: `#!/bin/sh\necho "$*" >>'${directory}/asked'\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec sh -c "$*"\n`,
    hactl: `#!/bin/sh\nexec '${process.execPath}' '${hactl}' "$@"\n`,
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(path, name), text)
    chmodSync(join(path, name), 0o755)
  }
  return {PATH: `${path}:${process.env.PATH}`}
}

/** `''` is an argument without a character. */
const unquoted = (word: string): string => (word === "''" ? '' : word)
