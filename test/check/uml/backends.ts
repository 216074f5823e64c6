import type {Host} from '../../lab/host.ts'
import type {LabProcess} from '../../lab/lab-process.ts'
import {sleep} from '../../lab/wait.ts'
import {BODY, DNS_NAME, type Kind, MISC_PROGRAM} from './kinds.ts'

/** How long each outage of a flapping real server lasts, milliseconds. */
const FLAP_MS = 400
/** From one to the next: more than a lost probe takes, the pause after it, and another answer on a loaded machine. */
const FLAP_EVERY_MS = 8_000
const FLAPS = 3

/** A real server of a kind: a program of others, on an address of its own, that can be made to misbehave. */
export class Backend {
  readonly kind: Kind
  readonly #host: Host
  #program: LabProcess | undefined

  constructor(kind: Kind, host: Host) {
    this.kind = kind
    this.#host = host
  }

  /** Starts what answers rightly, in place of what ran. */
  async right(): Promise<void> {
    this.#host.removeFile(this.#wrongMark)
    await this.#run(rightCommand(this.kind))
  }

  /** What answers gives answers that are not what the checker wants. */
  async wrong(): Promise<void> {
    const command = wrongCommand(this.kind)
    if (command === undefined) this.#host.writeFile(this.#wrongMark, '')
    else await this.#run(command)
  }

  /** Nobody listens. */
  async refuse(): Promise<void> {
    await this.#program?.crash()
    this.#program = undefined
  }

  /** It accepts, and says nothing. */
  stall(): void {
    for (const pid of this.#program?.tree() ?? []) process.kill(pid, 'SIGSTOP')
  }

  goOn(): void {
    for (const pid of this.#program?.tree() ?? []) process.kill(pid, 'SIGCONT')
  }

  get #wrongMark(): string {
    return wrongMark(this.kind)
  }

  async #run(command: readonly string[]): Promise<void> {
    if (this.#program?.exit === undefined) await this.#program?.crash()
    this.#program = command.length === 0 ? undefined : await this.#host.start(command)
    await sleep(100)
    const {exit} = this.#program ?? {}
    if (exit !== undefined) throw new Error(`${this.kind.checker}: ${this.#program?.describe()}`)
  }
}

/** Whether the answers of these get lost on their way. One program does it for all of them, at one moment. */
export async function filter(host: Host, backends: readonly Backend[], lost: boolean): Promise<void> {
  const verb = lost ? 'add' : 'del'
  const lines = backends.map(({kind: {address}}) => `rule ${verb} from ${address} pref 100 blackhole\n`)
  await host.run(['ip', '-batch', '-'], {input: lines.join('')})
}

/** They are away for moments, none of which is as long as their checkers are patient. */
export async function flap(host: Host, backends: readonly Backend[]): Promise<void> {
  for (let round = 0; round < FLAPS; round++) {
    await filter(host, backends, true)
    await sleep(FLAP_MS)
    await filter(host, backends, false)
    await sleep(FLAP_EVERY_MS - FLAP_MS)
  }
}

/** Makes files and folders that the programs need, on the host of all of them. */
export async function prepareBackends(host: Host, kinds: readonly Kind[]): Promise<readonly Backend[]> {
  const addresses = kinds.map(({address}) => `addr add ${address}/16 dev eth0\n`).join('')
  await host.run(['ip', '-batch', '-'], {input: addresses})
  // OpenSMTPD makes its queue below /var/spool, which nobody can write to here.
  await host.run(['mount', '-t', 'tmpfs', 'tmpfs', '/var/spool'])
  const subject = ['-subj', '/CN=lab', '-keyout', '/run/key.pem', '-out', '/run/certificate.pem']
  await host.run([
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...subject,
  ])
  for (const kind of kinds) {
    if (kind.server === 'nginx') host.writeFile(nginxFile(kind), nginxConfig(kind))
    if (kind.server === 'OpenSMTPD') host.writeFile('/run/smtpd.conf', smtpConfig(kind))
  }
  host.writeFile('/run/answer', '#!/bin/sh\necho "$1"\n', {mode: 0o755})
  return kinds.map(kind => new Backend(kind, host))
}

/** What MISC_CHECK runs: a shell that reads one line of an answer. */
export const prepareDirector = (host: Host): void =>
  host.writeFile(
    MISC_PROGRAM,
    '#!/bin/bash\nexec 3<>"/dev/tcp/$1/80" || exit 1\nprintf "GET / HTTP/1.0\\r\\n\\r\\n" >&3\nread -r line <&3\n' +
      'case $line in *" 200 "*) exit 0 ;; esac\nexit 1\n',
    {mode: 0o755},
  )

function rightCommand({server, address, port, ...kind}: Kind): readonly string[] {
  switch (server) {
    case 'nginx':
      return ['nginx', '-p', '/run/', '-e', 'stderr', '-c', nginxFile({...kind, server, address, port})]
    case 'OpenSMTPD':
      return ['smtpd', '-d', '-f', '/run/smtpd.conf']
    case 'dnsmasq':
      return [...dnsmasq(address), `--address=/${DNS_NAME}/192.0.2.1`]
    case 'socat':
      return ['socat', `UDP4-RECVFROM:${port},bind=${address},fork`, 'PIPE']
    default:
      return []
  }
}

/** What answers wrongly in place of the right one; undefined: the right one does itself, when told so. */
function wrongCommand({server, address, port}: Kind): readonly string[] | undefined {
  switch (server) {
    case 'OpenSMTPD':
      return ['socat', `TCP4-LISTEN:${port},bind=${address},fork,reuseaddr`, 'SYSTEM:/run/answer "554 no mail here"']
    case 'dnsmasq':
      // Without the name and without anybody to ask: REFUSED.
      return dnsmasq(address)
    case 'socat':
      // A program that ended before it has read what it is asked would end socat without an answer.
      return ['socat', `UDP4-RECVFROM:${port},bind=${address},fork`, 'EXEC:tr i u']
    default:
      return undefined
  }
}

const dnsmasq = (address: string): readonly string[] => [
  ...[
    'dnsmasq',
    '--no-daemon',
    '--no-resolv',
    '--no-hosts',
    '--conf-file=/dev/null',
    '--user=root',
    '--bind-interfaces',
  ],
  ...[`--listen-address=${address}`, `--pid-file=/run/dnsmasq-${address}.pid`],
]

const smtpConfig = ({address, port}: Kind): string =>
  `listen on ${address} port ${port} hostname lab.test\nmatch from any for any reject\n`

const nginxFile = ({address}: Kind): string => `/run/nginx-${address}.conf`
const wrongMark = ({address}: Kind): string => `/run/wrong-${address}`

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** One process, which stops and goes on as a whole. */
function nginxConfig(kind: Kind): string {
  const {address, port, checker} = kind
  const tls = 'ssl;\nssl_certificate /run/certificate.pem;\nssl_certificate_key /run/key.pem'
  const bad = checker === 'SSL_GET' ? 'return 200 "nothing is well\\n"' : 'return 503'
  return `daemon off;
master_process off;
user root;
pid /run/nginx-${address}.pid;
events { worker_connections 64; }
http {
  access_log off;
${TEMPORARY.map(folder => `  ${folder}_temp_path nginx-${address}-${folder};`).join('\n')}
  server {
    listen ${address}:${port} ${port === 443 ? tls : ''};
    location / {
      default_type text/plain;
      if (-f ${wrongMark(kind)}) { ${bad}; }
      return 200 ${JSON.stringify(BODY)};
    }
  }
}
`
}
