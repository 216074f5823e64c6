import {onOff, whole, word} from '../schema/arguments.ts'
import {flag, inherited, setting, settings} from '../schema/entries.ts'
import {type Argument, type Cursor, REFUSED, type Refused, type Schema} from '../schema/schema.ts'
import type {Word} from '../text/lexer.ts'
import {renamed} from './deprecated.ts'
import {cutAt, MAX_UNSIGNED, only} from './global-arguments.ts'

/** Names, files and the identity of the host in `global_defs`. */
export interface GlobalProcessSettings {
  readonly processNames: boolean
  readonly processName: string | undefined
  readonly vrrpProcessName: string | undefined
  readonly checkerProcessName: string | undefined
  readonly bfdProcessName: string | undefined
  readonly useSymlinkPaths: boolean
  readonly setSupplementaryGroups: boolean
  readonly routerId: string | undefined
  /** Permission bits that new files lack. */
  readonly umask: number
  readonly randomSeed: number | undefined
  readonly dataUseInstance: boolean
  readonly stateDumpFile: string | undefined
  readonly statsDumpFile: string | undefined
  readonly jsonDumpFile: string | undefined
  readonly jsonVersion: number
  readonly iprouteUsrDirectory: string | undefined
  readonly iprouteEtcDirectory: string | undefined
  readonly tmpConfigDirectory: string | undefined
  readonly configSaveDirectory: string | undefined
}

/** Linux shows 15 bytes of the name of a process. */
const PROCESS_NAME = cutAt(15, 'NAME')
/** A path, and nothing after it. */
const ONE_PATH = only(word('PATH'))
const ONE_DIRECTORY = only(word('DIRECTORY'))

/** Permission bits by the names that `umask` takes. <sys/stat.h> */
const UMASK_BITS: ReadonlyMap<string, number> = new Map([
  ['IRWXU', 0o700],
  ['IRUSR', 0o400],
  ['IWUSR', 0o200],
  ['IXUSR', 0o100],
  ['IRWXG', 0o070],
  ['IRGRP', 0o040],
  ['IWGRP', 0o020],
  ['IXGRP', 0o010],
  ['IRWXO', 0o007],
  ['IROTH', 0o004],
  ['IWOTH', 0o002],
  ['IXOTH', 0o001],
])

/** A number in octal, decimal or hexadecimal, or names of bits with `|` between them. */
const UMASK: Argument<number> = {
  form: '0..0777|BIT[|BIT …], a BIT being IRUSR to IXOTH, IRWXU, IRWXG or IRWXO',
  read: cursor => {
    const given = cursor.require()
    if (given === REFUSED) return REFUSED
    return /^\d/.test(given.text) ? readUmaskNumber(cursor, given) : readUmaskBits(cursor, given)
  },
  print: bits => `0${bits.toString(8)}`,
}

function readUmaskNumber(cursor: Cursor, given: Word): number | Refused {
  const more = cursor.next()
  if (more) return cursor.fail(more, `${cursor.show(more)} is one word too many; the line is ignored`, 'a number alone')
  const octal = /^0[0-7]{1,8}$/.test(given.text)
  const valid = octal || /^(0|[1-9]\d{0,8}|0[xX][0-9a-fA-F]{1,8})$/.test(given.text)
  const bits = octal ? Number.parseInt(given.text, 8) : Number(given.text)
  if (valid && bits <= 0o777) return bits
  return cursor.fail(given, `${cursor.show(given)} is not a file mode mask`, '0 to 0777 (octal with a leading 0)')
}

function readUmaskBits(cursor: Cursor, first: Word): number | Refused {
  let bits = 0
  let expected: 'bit' | 'bar' = 'bit'
  let last = first
  for (let given: Word | undefined = first; given; given = cursor.next()) {
    last = given
    for (const part of given.text.split(/(\|)/).filter(text => text !== '')) {
      const bit = UMASK_BITS.get(part)
      if (expected === 'bar' ? part !== '|' : bit === undefined) {
        const what = expected === 'bar' ? 'does not follow a |' : 'is not a permission bit'
        return cursor.fail(given, `${cursor.show(given)} ${what}`, 'such as IWGRP|IRWXO')
      }
      bits |= bit ?? 0
      expected = expected === 'bar' ? 'bit' : 'bar'
    }
  }
  return expected === 'bar' ? bits : cursor.fail(last, 'a permission bit is missing at the end', 'such as IWGRP|IRWXO')
}

const NAMES = {
  processNames: flag('process_names', 'name the processes after what they do'),
  processName: inherited('process_name', PROCESS_NAME, {
    doc: 'name of the process that starts the others',
    defaultText: 'keepalived',
  }),
  vrrpProcessName: inherited('vrrp_process_name', PROCESS_NAME, {
    doc: 'name of the process of the virtual routers',
    defaultText: 'keepalived; keepalived_vrrp with process_names',
  }),
  checkerProcessName: settings(
    {checker_process_name: PROCESS_NAME, lvs_process_name: renamed(PROCESS_NAME, 'checker_process_name')},
    {
      initial: undefined,
      doc: 'name of the process of the virtual servers',
      defaultText: 'keepalived; keepalived_lvs with process_names',
    },
  ),
  bfdProcessName: inherited('bfd_process_name', PROCESS_NAME, {
    doc: 'name of the process of the BFD sessions',
    defaultText: 'keepalived; keepalived_bfd with process_names',
  }),
}

/** The entries of names, files and the identity of the host in `global_defs`. */
export const GLOBAL_PROCESS: Schema<GlobalProcessSettings> = {
  routerId: inherited('router_id', word('NAME'), {
    doc: 'name of this host in messages',
    defaultText: 'the name of the host',
  }),
  ...NAMES,
  useSymlinkPaths: setting('use_symlink_paths', onOff, {
    initial: false,
    doc: 'run scripts by the path as it is written, not by what its symbolic links lead to',
    defaultText: 'off',
    since: '2.3.0',
  }),
  setSupplementaryGroups: setting('set_supplementary_groups', onOff, {
    initial: false,
    doc: 'give scripts that run as another user all groups of that user',
    defaultText: 'off',
    since: 'after 2.4.3',
  }),
  umask: setting('umask', UMASK, {
    initial: 0o177,
    doc: 'permissions that files lack which are written',
    defaultText: '0177',
  }),
  randomSeed: inherited('random_seed', whole({min: 0, max: MAX_UNSIGNED}), {
    doc: 'seed of random numbers, so that each start draws the same',
    defaultText: 'another one at each start',
  }),
  dataUseInstance: setting('data_use_instance', onOff, {
    initial: false,
    doc: 'put instance and net_namespace into the names of dump files',
    defaultText: 'off',
  }),
  stateDumpFile: inherited('state_dump_file', ONE_PATH, {
    doc: 'file that the state is dumped to on SIGUSR1',
    defaultText: '/tmp/keepalived.data',
    since: '2.3.3',
  }),
  statsDumpFile: inherited('stats_dump_file', ONE_PATH, {
    doc: 'has no effect: statistics go to the default file whatever it says',
    defaultText: '/tmp/keepalived.stats',
    since: '2.3.3',
  }),
  jsonDumpFile: inherited('json_dump_file', ONE_PATH, {
    doc: 'has no effect: the dump in JSON goes to the default file whatever it says',
    defaultText: '/tmp/keepalived.json',
    since: '2.3.3',
  }),
  jsonVersion: setting('json_version', whole({min: 1, max: 2}), {
    initial: 1,
    doc: 'form of the dump in JSON: 1 is a list, 2 an object that holds lists',
    defaultText: '1',
    since: '2.2.8',
  }),
  iprouteUsrDirectory: inherited('iproute_usr_dir', ONE_DIRECTORY, {
    doc: 'directory of the names of routing tables, scopes and protocols as installed',
    defaultText: '/usr/share/iproute2',
    since: '2.3.2',
  }),
  iprouteEtcDirectory: inherited('iproute_etc_dir', ONE_DIRECTORY, {
    doc: 'directory of the names of routing tables, scopes and protocols of this host',
    defaultText: '/etc/iproute2',
    since: '2.3.2',
  }),
  tmpConfigDirectory: setting('tmp_config_directory', word('DIRECTORY'), {
    initial: undefined,
    doc: 'directory for the copy of the configuration that the processes share',
    defaultText: 'none; the copy is kept in memory',
    repeats: 'first-wins',
  }),
  configSaveDirectory: inherited('config_save_dir', word('DIRECTORY'), {
    doc: 'directory that each load of the configuration is saved to, for finding faults',
    defaultText: 'none',
  }),
}
