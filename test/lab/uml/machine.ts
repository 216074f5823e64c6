import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {findProgram, type LabMode, labAvailability, rootNamespaces} from '../availability.ts'
import {makeLabDirectory, removeLabDirectory} from '../leftovers.ts'
import {repoRoot} from '../repo-root.ts'
import {within} from '../wait.ts'

/** What is to run inside User-Mode Linux. */
export interface UmlJob {
  /** Put into `directory` before the start: name and text. */
  readonly files: Readonly<Record<string, string>>
  /** A shell script that root runs; its working directory is the folder with `files`, where it may also write. */
  readonly script: string
  /** From start to end, boot included; one minute unless given. */
  readonly timeoutMs?: number
  /** Memory of the guest, MiB; 512 unless given. */
  readonly memoryMb?: number
}

/** How a job ended. */
export interface UmlEnd {
  /** Exit status of the script; undefined: the machine ended before it did. */
  readonly code: number | undefined
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string
  /** What the kernel said. */
  readonly console: string
  /** Text of a file that the script left in its working directory; undefined: it is not there. */
  readonly read: (name: string) => string | undefined
}

const TIMEOUT_MS = 60_000
const MEMORY_MB = 512
/** Each of the ways to end it. */
const END_TIMEOUT_MS = 10_000

/**
 * Boots User-Mode Linux over the file system of this machine, runs a job in it as root, and ends it.
 *
 * Everything is in one process namespace of its own whose first process ends with its input: when this program ends, in
 * whatever way, the kernel ends all of it. `work` reads what is left before the folder is removed.
 */
export async function bootUml<T>(job: UmlJob, work: (end: UmlEnd) => T): Promise<T> {
  const available = labAvailability()
  if (!available.ok) throw new Error(available.reason)
  const directory = realpathSync(makeLabDirectory())
  try {
    mkdirSync(join(directory, 'job'))
    mkdirSync(join(directory, 'uml'))
    for (const [name, text] of Object.entries(job.files)) writeFileSync(join(directory, 'job', name), text)
    writeFileSync(join(directory, 'job.sh'), job.script)
    // Where an ordinary user owns the machine, root's files are nobody's in it, and programs that are set-user-ID root
    // would run as nobody until the guest has turned that off, which takes a mount(8) that is not.
    copyFileSync(findProgram('mount') ?? '/bin/mount', join(directory, 'mount'))
    chmodSync(join(directory, 'mount'), 0o755)
    writeFileSync(join(directory, 'init.sh'), initScript(directory), {mode: 0o755})
    const timedOut = await runMachine(directory, available.mode, job)
    const text = (name: string): string | undefined => {
      const path = join(directory, name)
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    }
    const code = text('code')
    return work({
      code: code === undefined || code === '' ? undefined : Number(code),
      timedOut,
      stdout: text('stdout') ?? '',
      stderr: text('stderr') ?? '',
      console: text('console') ?? '',
      read: name => text(join('job', name)),
    })
  } finally {
    removeLabDirectory(directory)
  }
}

/** Whether it had to be ended. */
async function runMachine(directory: string, mode: LabMode, job: UmlJob): Promise<boolean> {
  const {timeoutMs = TIMEOUT_MS, memoryMb = MEMORY_MB} = job
  const [file = 'false', ...args] = [
    ...rootNamespaces(mode),
    ...['sh', '-c', HOLDER, 'uml', join(directory, 'console')],
    ...['taskset', '-c', String(hostCpu()), 'linux.uml', ...kernelArguments(directory, memoryMb)],
  ]
  // Its own folder, so that a dump of its memory would lie there.
  const child = spawn(file, args, {cwd: directory, stdio: ['pipe', 'ignore', 'pipe'], env: environment(directory)})
  let said = ''
  child.on('error', error => (said += error.message))
  child.stdin.on('error', () => {})
  child.stderr.on('data', chunk => (said = `${said}${chunk}`.slice(0, 4_000)))
  const closed = once(child, 'close').then(() => true)
  const ended = await within(closed, timeoutMs)
  if (!ended) await end(child, closed)
  if (child.exitCode !== 0 && ended) writeFileSync(join(directory, 'console'), `${said}\n`, {flag: 'a'})
  return !ended
}

/** Resolves when no process of the machine is left. */
async function end(child: ChildProcess, closed: Promise<boolean>): Promise<void> {
  child.stdin?.end()
  if (await within(closed, END_TIMEOUT_MS)) return
  // Its death takes its child with it, which is the first of the process namespace: unshare(1) --kill-child.
  child.kill('SIGKILL')
  if (!(await within(closed, END_TIMEOUT_MS))) throw new Error('User-Mode Linux does not end')
}

/**
 * The first process of the namespace: runs the machine, and kills it at the end of its own input. With it end all the
 * processes that User-Mode Linux keeps on the host, several for each process inside.
 */
const HOLDER = `exec 3<&0 </dev/null
{ cat <&3 >/dev/null; kill -KILL -1; } &
exec 3<&-
console=$1
shift
"$@" >"$console" 2>&1`

const kernelArguments = (directory: string, memoryMb: number): readonly string[] => [
  `mem=${memoryMb}M`,
  // Nothing can change the machine's own files from inside.
  ...['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro'],
  ...[`init=${join(directory, 'init.sh')}`, `uml_dir=${join(directory, 'uml')}`, 'umid=lab'],
  ...['con=null', 'con0=null,fd:1', 'quiet'],
]

/**
 * One processor, always the same for one worker of a test run: times compare, and a system call is faster than when it
 * has to move.
 */
function hostCpu(): number {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const cpus = list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({length: last - first + 1}, (_, at) => first + at)
  })
  return cpus.at(-Number(process.env.VITEST_POOL_ID ?? 1) % cpus.length) ?? 0
}

/** User-Mode Linux keeps its memory in a file below TMPDIR where /dev/shm is no tmpfs. */
const environment = (directory: string): NodeJS.ProcessEnv => ({
  PATH: `${process.env.PATH ?? ''}:${USUAL_PATH}`,
  LANG: 'C',
  HOME: directory,
})

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Where Debian's package keeps the modules of its kernel. */
const MODULES = '/usr/lib/uml/modules'

/** IPVS, and what networks of namespaces are made of; the kernel loads anything else when it is asked for it. */
const LOADED = [
  ...['ip_vs', 'ip_vs_rr', 'ip_vs_wrr', 'ip_vs_lc', 'ip_vs_wlc', 'ip_vs_lblc', 'ip_vs_lblcr', 'ip_vs_sh', 'ip_vs_dh'],
  ...['ip_vs_sed', 'ip_vs_nq', 'ip_vs_fo', 'ip_vs_ovf', 'ip_vs_mh', 'ip_vs_pe_sip', 'nf_conntrack'],
  ...['veth', 'bridge', 'dummy', 'macvlan', 'ipip', 'ip_gre', 'fou'],
]

/** Folders of the guest that are empty at first and its own. */
const FRESH = ['/run', '/tmp', '/var/tmp']

/**
 * The guest's first process. The folder of the job can be written to; a lab in the guest would sweep it, were it at its
 * own path. The checkout is mounted once more where a fresh folder would hide it.
 */
function initScript(directory: string): string {
  const hidden = [repoRoot(), dirname(process.execPath)]
    .map(path => realpathSync(path))
    .filter(path => FRESH.some(folder => path.startsWith(`${folder}/`)))
  return `#!/bin/sh
export PATH=${OWN}/bin:${quote(dirname(process.execPath))}:${USUAL_PATH} HOME=/ LANG=C
unset TERM
${quote(join(directory, 'mount'))} -n -o remount,ro,nosuid /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in ${FRESH.join(' ')}; do mount -t tmpfs tmpfs $folder; done
mkdir -p ${OWN}/host ${OWN}/bin ${OWN}/lib
mount -t hostfs none ${OWN}/host -o ${quote(directory)}
${hidden.map(path => `mkdir -p ${quote(path)}; mount -t hostfs -r none ${quote(path)} -o ${quote(path)}`).join('\n')}
ln -s ${MODULES} ${OWN}/lib/modules
printf '#!/bin/sh\nexec /sbin/modprobe -d ${OWN} "$@"\n' >${OWN}/bin/modprobe
chmod 755 ${OWN}/bin/modprobe
echo ${OWN}/bin/modprobe >/proc/sys/kernel/modprobe
cd ${OWN}/host/job
modprobe -a ${LOADED.join(' ')} 2>>../console
ip link set lo up
sh ../job.sh >../stdout 2>../stderr </dev/null
echo $? >../code
echo o >/proc/sysrq-trigger
sleep 10
`
}

/** What only guests have: the folder of the job, and a modprobe that knows where the modules are. */
const OWN = '/var/tmp/uml'

/** One word of a shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
