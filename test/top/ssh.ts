import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Host} from '../lab/host.ts'
import type {LabProcess} from '../lab/lab-process.ts'
import {repoRoot} from '../lab/repo-root.ts'
import {DESK_ENVIRONMENT} from './tmux.ts'

/** A host that lets others in. */
export interface SshServer {
  readonly name: string
  /** Where sshd listens. */
  readonly address: string
  /** One line of its public key, as ~/.ssh/known_hosts has it after the name. */
  readonly hostKey: string
  readonly sshd: LabProcess
}

/** Makes a pair of keys in a host's folder; answers the public one. ssh-keygen(1) */
export async function makeKey(host: Host, name: string): Promise<string> {
  const file = join(host.directory, name)
  await host.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file])
  return readFileSync(`${file}.pub`, 'utf8').trim()
}

/** Gives root of a host a home of its own, and the host a `hactl`: nothing of this machine's root is used. */
export function settleRoot(host: Host): void {
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n')
  const others = entries.filter(line => line !== '' && !line.startsWith('root:'))
  host.writeFile('/etc/passwd', [`root:x:0:0:root:${HOME}:/bin/sh`, ...others, ''].join('\n'))
  // Without a password, but not locked: sshd would refuse one that is.
  host.writeFile('/etc/shadow', 'root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n', {mode: 0o600})
  host.writeFile(`${HOME}/.keep`, '')
  const program = join(repoRoot(), 'bin', 'run.cjs')
  host.writeFile('/run/bin/hactl', `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {mode: 0o755})
}

/** Starts sshd on an address of a host; it takes this one key. sshd_config(5) */
export async function startSshd(host: Host, name: string, address: string, publicKey: string): Promise<SshServer> {
  const hostKey = await makeKey(host, 'host_key')
  writeFileSync(join(host.directory, 'authorized_keys'), `${publicKey}\n`)
  host.writeFile('/run/sshd/.keep', '')
  host.writeFile('/run/sshd_config', sshdConfig(host, address))
  const sshd = await host.start(['/usr/sbin/sshd', '-D', '-e', '-f', '/run/sshd_config'])
  await Promise.race([
    host.listening(SSH_PORT),
    sshd.exited.then(() => {
      throw new Error(`sshd on ${name} ended: ${sshd.describe()}`)
    }),
  ])
  return {name, address, hostKey: hostKey.split(' ').slice(0, 2).join(' '), sshd}
}

/** What an operator has in ~/.ssh: names, keys, and whom to believe. ssh_config(5) */
export function knowServers(host: Host, keyFile: string, servers: readonly SshServer[]): void {
  const blocks = servers.map(({name, address}) => `Host ${name}\n  HostName ${address}\n  HostKeyAlias ${name}\n`)
  const common = `Host *\n  IdentityFile ${keyFile}\n  IdentitiesOnly yes\n  StrictHostKeyChecking yes\n`
  host.writeFile(`${HOME}/.ssh/config`, [...blocks, common].join(''), {mode: 0o600})
  const known = servers.map(({name, hostKey}) => `${name} ${hostKey}\n`)
  host.writeFile(`${HOME}/.ssh/known_hosts`, known.join(''), {mode: 0o600})
}

const HOME = DESK_ENVIRONMENT.HOME
const SSH_PORT = 22

const sshdConfig = ({directory}: Host, address: string): string => `ListenAddress ${address}
HostKey ${join(directory, 'host_key')}
AuthorizedKeysFile ${join(directory, 'authorized_keys')}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
PidFile none
LogLevel ERROR
SetEnv PATH=${DESK_ENVIRONMENT.PATH}
`
