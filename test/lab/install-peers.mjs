// Installs the programs of others that tests and demo work with, where that is possible: as root on Debian and its
// relatives. Elsewhere it says what is missing and what that costs. Exits 1 only in continuous integration (CI=true).
// What only documents need is installed when it is named.
// usage: node install-peers.mjs [PROGRAM...]
import {spawnSync} from 'node:child_process'
import {accessSync, constants, existsSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const PEERS = {
  dnsmasq: {package: 'dnsmasq-base', needed: 'tests of DNS_CHECK'},
  ip: {package: 'iproute2', needed: 'everything in the lab, and the demo'},
  ipvsadm: {package: 'ipvsadm', needed: 'tests of IPVS beside ipvsadm'},
  keepalived: {package: 'keepalived', needed: 'interoperability'},
  nginx: {package: 'nginx', needed: 'the demo and its test'},
  nft: {package: 'nftables', needed: 'tests of the rules of virtual MAC addresses'},
  openssl: {package: 'openssl', needed: 'tests of SSL_GET'},
  ping: {package: 'iputils-ping', needed: 'tests of the lab and interoperability'},
  promtool: {package: 'prometheus', needed: "the check of the metrics by Prometheus' own parser"},
  'rsvg-convert': {package: 'librsvg2-bin fonts-dejavu-core', needed: 'npm run screenshots', onlyByName: true},
  smtpd: {package: 'opensmtpd', needed: 'tests of SMTP_CHECK'},
  socat: {package: 'socat', needed: 'tests of UDP_CHECK'},
  ssh: {package: 'openssh-client', needed: 'tests of the dashboard over ssh'},
  sshd: {package: 'openssh-server', needed: 'tests of the dashboard over ssh'},
  tcpdump: {package: 'tcpdump', needed: 'tests of packets as they are on the wire'},
  tmux: {package: 'tmux', needed: 'tests of the dashboard in a terminal'},
  uml: {package: 'user-mode-linux', needed: 'tests of IPVS, which need its kernel', program: 'linux.uml'},
  modprobe: {package: 'kmod', needed: 'tests of IPVS: it loads the modules of that kernel'},
  vrrpd: {package: 'frr', needed: 'interoperability'},
}
const SERVICES = {
  keepalived: 'keepalived',
  nginx: 'nginx',
  promtool: 'prometheus',
  smtpd: 'opensmtpd',
  sshd: 'ssh',
  vrrpd: 'frr',
}
const POLICY = '/usr/sbin/policy-rc.d'
const UPDATE_TIMEOUT_MS = 120_000
const INSTALL_TIMEOUT_MS = 300_000

process.exitCode = main(process.argv.slice(2))

function main(names) {
  const unknown = names.filter(name => !Object.hasOwn(PEERS, name))
  if (unknown.length > 0) {
    console.error(`no such peer: ${unknown.join(', ')} (there are: ${Object.keys(PEERS).join(', ')})`)
    return 2
  }
  const wanted = names.length > 0 ? names : Object.keys(PEERS).filter(name => !PEERS[name].onlyByName)
  const missing = wanted.filter(name => !isInstalled(name))
  if (missing.length === 0) return 0
  const obstacle = whyNot() ?? install(missing)
  const stillMissing = missing.filter(name => !isInstalled(name))
  if (stillMissing.length === 0) return 0
  console.error(`not installed: ${stillMissing.join(', ')}${obstacle ? ` (${obstacle})` : ''}`)
  for (const name of stillMissing) console.error(`  without ${name}, skipped: ${PEERS[name].needed}`)
  console.error(`  on Debian: apt-get install ${stillMissing.map(name => PEERS[name].package).join(' ')}`)
  if (process.env.CI !== 'true') return 0
  console.error('  CI=true: a missing peer is a failure')
  return 1
}

/** Why packages cannot be installed here; undefined when they can. */
function whyNot() {
  if (!existsSync('/etc/debian_version') || !isInstalled('apt-get')) return 'not Debian'
  if (process.getuid() !== 0) return 'not root'
  return undefined
}

/** Installs packages without starting what is in them; returns what went wrong. */
function install(missing) {
  const packages = missing.flatMap(name => PEERS[name].package.split(' '))
  console.error(`installing ${packages.join(' ')} ...`)
  // A daemon that the package would start has no business on this machine: it may own addresses and ports.
  const guarded = !existsSync(POLICY)
  if (guarded) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', {mode: 0o755})
  const removeGuard = () => guarded && rmSync(POLICY, {force: true})
  process.once('exit', removeGuard)
  try {
    // What apt knows may be too old, or nothing at all in a container.
    const update = apt(['update'], UPDATE_TIMEOUT_MS)
    const result = apt(['install', '-y', '--no-install-recommends', ...packages], INSTALL_TIMEOUT_MS)
    if (result) return update ? `${update}; ${result}` : result
    // Nor at the next boot.
    const services = missing.flatMap(name => SERVICES[name] ?? [])
    if (services.length > 0 && existsSync('/run/systemd/system')) spawnSync('systemctl', ['disable', ...services])
    return undefined
  } finally {
    removeGuard()
  }
}

/** Runs apt-get; returns what went wrong. */
function apt(args, timeout) {
  const {status, error, stderr} = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=60', ...args], {
    env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'},
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout,
  })
  if (status === 0) return undefined
  const lastLine = (stderr ?? '').trim().split('\n').at(-1)
  return `apt-get ${args[0]}: ${error?.message ?? (lastLine || `exit ${status}`)}`
}

function isInstalled(name) {
  const {program = name} = PEERS[name] ?? {}
  const usual = ['/usr/sbin', '/sbin', '/usr/bin', '/bin', '/usr/lib/frr', '/usr/libexec/frr']
  const folders = [...(process.env.PATH ?? '').split(':'), ...usual]
  return folders.some(folder => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })
}
