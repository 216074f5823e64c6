import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/** One command line of ipvsadm(8) that ours and the real one carry out, each in the same state of the kernel. */
export interface IpvsadmCase {
  /** As it stands in its file. */
  readonly line: string
  readonly argv: readonly string[]
  readonly stdin: string
  /** Command lines that make the state. */
  readonly setup: readonly (readonly string[])[]
}

/**
 * Reads a file with a command line in each line. `@` begins a line with those that make the state for what follows, `;`
 * between them; `<<<` is followed by standard input. `~` is a space within a word, `''` an empty word, and in standard
 * input `\n`, `\r` and `\t` are what they are in C.
 */
export function readCases(file: string): readonly IpvsadmCase[] {
  const cases: IpvsadmCase[] = []
  let setup: readonly (readonly string[])[] = []
  for (const line of readFileSync(join(import.meta.dirname, file), 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    if (line.startsWith('@')) setup = setupOf(line.slice(1))
    else cases.push(caseOf(line, setup))
  }
  return cases
}

/** Every command with every option, whether or not they suit each other. */
export function everyOptionWithEveryCommand(): readonly IpvsadmCase[] {
  const setup = setupOf('-A -t 1.2.3.4:80 -s wrr; -a -t 1.2.3.4:80 -r 10.0.0.9 -m')
  return COMMANDS.flatMap(command => OPTIONS.map(option => caseOf(`${command} ${option}`, setup)))
}

const COMMANDS = [
  '-A -t 1.2.3.4:81',
  '-E -t 1.2.3.4:80',
  '-D -t 1.2.3.4:80',
  '-a -t 1.2.3.4:80 -r 10.0.0.1',
  '-e -t 1.2.3.4:80 -r 10.0.0.9',
  '-d -t 1.2.3.4:80 -r 10.0.0.9',
  ...['-C', '-R', '-S', '-L', '-l', '-Z', '--set 1 2 3', '--start-daemon master', '--stop-daemon master'],
]

const OPTIONS = [
  ...['-n', '-c', '-t 1.2.3.4:80', '-f 7', '-6', '-s rr', '-p', '-p 5', '-M 255.255.255.0', '-r 10.0.0.1', '-g', '-i'],
  ...['-m', '-w 3', '-x 10', '-y 5', '--mcast-interface eth0', '--timeout', '--daemon', '--stats', '--rate'],
  ...['--thresholds', '--persistent-conn', '--nosort', '--sort', '--syncid 4', '--exact', '-o', '--pe sip -p'],
  ...['-b flag-1', '--mcast-group 224.0.0.9', '--mcast-port 9', '--mcast-ttl 3', '--sync-maxlen 1400', '--tun-info'],
  ...['--tun-type gue', '--tun-type gre', '--tun-port 80', '--tun-nocsum', '--tun-csum', '--tun-remcsum', 'foo'],
]

const setupOf = (text: string): readonly (readonly string[])[] =>
  text
    .split(';')
    .map(words)
    .filter(command => command.length > 0)

function caseOf(line: string, setup: IpvsadmCase['setup']): IpvsadmCase {
  const [command = '', input = ''] = line.split(' <<< ')
  const stdin = input.replaceAll('\\n', '\n').replaceAll('\\r', '\r').replaceAll('\\t', '\t').replaceAll('~', ' ')
  return {line, argv: words(command), stdin, setup}
}

const words = (text: string): readonly string[] =>
  text
    .split(' ')
    .filter(word => word !== '')
    .map(word => (word === "''" ? '' : word.replaceAll('~', ' ')))
