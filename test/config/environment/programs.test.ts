import {describe} from 'vitest'
import {instanceText} from '../support.ts'
import {itLacks} from './host-support.ts'

const ROOT_SECURE = 'global_defs {\n script_user root\n enable_script_security\n}\n'
const ROOT = 'global_defs {\n script_user root\n}\n'
const NOBODY = {nobody: {uid: 65_534, gids: [65_534]}}
const TREE = {'/': {kind: 'directory'}, '/opt': {kind: 'directory'}, '/opt/x.sh': {}} as const

const tracked = (command: string, ...lines: string[]): string =>
  `vrrp_script s {\nscript "${command}"\n${lines.join('\n')}\n}\n${instanceText(' track_script { s }')}`

describe('programs that a host lacks', () => {
  itLacks('HC1720', 'error', 'environment', [
    ['no such file', tracked('/opt/x.sh'), {}, '2:1 vrrp_script s: there is no /opt/x.sh'],
    ['a directory', tracked('/opt'), {files: TREE}, '2:1 vrrp_script s: /opt is a directory, and no program'],
    [
      'in no directory for programs',
      tracked('x.sh'),
      {files: TREE},
      '2:1 vrrp_script s: no directory for programs has x.sh (/usr/bin:/bin)',
    ],
    [
      'one that two things run',
      instanceText(' notify_master "/opt/n.sh a"', ' notify_backup "/opt/n.sh b"'),
      {},
      '5:2 notify_master of V and 1 more: there is no /opt/n.sh',
    ],
    ['it is there', tracked('/opt/x.sh'), {files: TREE}],
    ['it is in a directory for programs', tracked('x.sh'), {files: {'/bin/x.sh': {}}}],
    ['it may not be looked at', tracked('/opt/x.sh'), {files: {'/opt/x.sh': 'unknown'}}],
    ['a file that a shell opens', tracked('</run/ready'), {}],
  ])
  itLacks('HC1721', 'error', 'environment', [
    [
      'nobody may execute it',
      ROOT + tracked('/opt/x.sh'),
      {files: {...TREE, '/opt/x.sh': {mode: 0o644}}},
      '5:1 vrrp_script s: /opt/x.sh is not executable',
    ],
    [
      'root alone may execute it',
      tracked('/opt/x.sh', 'user nobody'),
      {users: NOBODY, files: {...TREE, '/opt/x.sh': {mode: 0o700}}},
      '2:1 vrrp_script s: its user may not execute /opt/x.sh',
    ],
    [
      'root alone may enter its directory',
      tracked('/opt/x.sh', 'user nobody'),
      {users: NOBODY, files: {...TREE, '/opt': {kind: 'directory', mode: 0o700}}},
      '2:1 vrrp_script s: its user may not enter /opt',
    ],
    ['everybody may', tracked('/opt/x.sh', 'user nobody'), {users: NOBODY, files: TREE}],
    ['root may enter everything', ROOT + tracked('/opt/x.sh'), {files: {...TREE, '/opt/x.sh': {mode: 0o100}}}],
  ])
})

describe('users that a host lacks', () => {
  itLacks('HC1722', 'error', 'environment', [
    ['that of scripts', `global_defs {\n script_user ghost\n}\n`, {}, '2:2 script_user: this host has no user ghost'],
    [
      'the group of scripts',
      `global_defs {\n script_user nobody ghosts\n}\n`,
      {users: NOBODY},
      '2:2 script_user: this host has no group ghosts',
    ],
    [
      'that of one script',
      tracked('/opt/x.sh', 'user ghost'),
      {files: TREE},
      '2:1 vrrp_script s: this host has no user ghost',
    ],
    ['they are there', 'global_defs {\n script_user nobody staff\n}\n', {users: NOBODY, groups: {staff: 50}}],
  ])
  itLacks('HC1723', 'error', 'environment', [
    [
      'the default one',
      `global_defs {\n enable_script_security\n}\n${tracked('/opt/x.sh')}`,
      {files: TREE},
      '5:1 vrrp_script s: with enable_script_security keepalived runs it as the user keepalived_script, ' +
        'which this host does not have',
    ],
    [
      'it is there',
      `global_defs {\n enable_script_security\n}\n${tracked('/opt/x.sh')}`,
      {files: TREE, users: {keepalived_script: {uid: 900, gids: [900]}}},
    ],
    ['another is named', ROOT_SECURE + tracked('/opt/x.sh'), {files: TREE}],
  ])
})

describe('programs that others can change', () => {
  const OPEN = {...TREE, '/opt/x.sh': {mode: 0o777}}
  itLacks('HC1724', 'warning', 'security', [
    [
      'root runs scripts unprotected',
      tracked('/opt/x.sh'),
      {files: TREE},
      '2:1 vrrp_script s runs as root without enable_script_security',
    ],
    ['it is protected', ROOT_SECURE + tracked('/opt/x.sh'), {files: TREE}],
    ['somebody else runs it', tracked('/opt/x.sh', 'user nobody'), {files: TREE, users: NOBODY}],
    ['it cannot be run', tracked('/opt/x.sh'), {files: {...TREE, '/opt/x.sh': {mode: 0o644}}}],
  ])
  itLacks('HC1725', 'warning', 'security', [
    [
      'everybody, and it runs as root',
      ROOT + tracked('/opt/x.sh'),
      {files: OPEN},
      '5:1 vrrp_script s: everybody can change /opt/x.sh, and it runs as root',
    ],
    ['root alone', ROOT + tracked('/opt/x.sh'), {files: TREE}],
    ['it runs as somebody else', tracked('/opt/x.sh', 'user nobody'), {files: OPEN, users: NOBODY}],
  ])
  itLacks('HC1726', 'error', 'security', [
    [
      'so that it is refused',
      ROOT_SECURE + tracked('/opt/x.sh'),
      {files: OPEN},
      '6:1 vrrp_script s: everybody can change /opt/x.sh, so enable_script_security refuses it',
    ],
    [
      'somebody owns a directory above it',
      ROOT_SECURE + tracked('/opt/x.sh'),
      {files: {...TREE, '/opt': {kind: 'directory', uid: 1_000}}},
      '6:1 vrrp_script s: /opt belongs to another user than root, so enable_script_security refuses it',
    ],
    [
      'in a sticky directory nobody can exchange it',
      ROOT_SECURE + tracked('/opt/x.sh'),
      {files: {...TREE, '/opt': {kind: 'directory', mode: 0o1777}}},
    ],
  ])
  itLacks('HC1727', 'info', 'environment', [
    [
      'through a symbolic link',
      ROOT_SECURE + tracked('/opt/x.sh'),
      {files: TREE, links: {'/opt': '/srv/opt', '/opt/x.sh': '/srv/opt/x.sh'}},
      '6:1 vrrp_script s: /opt is a symbolic link, through which keepalived 2.4 runs nothing as root',
    ],
    ['without one', ROOT_SECURE + tracked('/opt/x.sh'), {files: TREE}],
  ])
})
