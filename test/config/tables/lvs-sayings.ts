import type {Statement} from '../../../src/config/text/pieces.ts'

/** One thing that a text says of a configuration: where it has to be, and its value. */
export interface Said {
  readonly path: string
  readonly value: unknown
}

type Fields = readonly (readonly [field: string, value: unknown])[]
/** What a keyword says of the object whose block it stands in; `earlier` is what was said of it before. */
type Saying = (words: readonly string[], earlier: ReadonlyMap<string, unknown>) => Fields

/** What statements outside of blocks say, read by nothing but the words themselves: the last that is said counts. */
export function saidBy(statements: readonly Statement[]): readonly Said[] {
  const said = new Map<string, unknown>()
  const counts = {virtual_server: 0, virtual_server_group: 0}
  for (const statement of statements) {
    const {keyword, words, block} = statement
    if (keyword.text === 'virtual_server') {
      const at = `virtualServers.${counts.virtual_server++}`
      note(said, at, serviceOf(words.map(({text}) => text)))
      tellBlock(said, at, block?.statements ?? [])
    } else if (keyword.text === 'virtual_server_group') {
      const at = `virtualServerGroups.${counts.virtual_server_group++}`
      note(said, at, [['name', words[0]?.text]])
      for (const [i, line] of [...(block?.statements ?? [])].entries()) {
        note(said, `${at}.members.${i}`, memberOf([line.keyword, ...line.words].map(({text}) => text)))
      }
    } else if (keyword.text === 'SSL') tellBlock(said, 'ssl', block?.statements ?? [])
  }
  return [...said].map(([path, value]) => ({path, value}))
}

function note(said: Map<string, unknown>, at: string, fields: Fields): void {
  for (const [field, value] of fields) said.set(`${at}.${field}`, value)
}

/** The list that an inner block is in. */
const LISTS: {readonly [keyword: string]: string} = {real_server: 'realServers', url: 'urls'}

function tellBlock(said: Map<string, unknown>, at: string, statements: Iterable<Statement>): void {
  const counts = new Map<string, number>()
  const own = new Map<string, unknown>()
  for (const {keyword, words: given, block} of statements) {
    const words = given.map(({text}) => text)
    // `host` stands for the checker that it makes.
    if (block && keyword.text === 'host') tellBlock(said, at, block.statements)
    else if (block) {
      const list = LISTS[keyword.text] ?? 'checkers'
      const count = counts.get(list) ?? 0
      counts.set(list, count + 1)
      const inner = `${at}.${list}.${count}`
      note(said, inner, innerOf(keyword.text, words))
      tellBlock(said, inner, block.statements)
    } else {
      const saying = SAYINGS[keyword.text]
      if (!saying) throw new Error(`nothing is known of ${keyword.text}`)
      for (const [field, value] of saying(words, own)) own.set(field, value)
    }
  }
  note(said, at, [...own])
}

function serviceOf([first = '', second = '0']: readonly string[]): Fields {
  if (first === 'group') return [['service', {type: 'group', group: second}]]
  if (first === 'fwmark') return [['service', {type: 'fwmark', mark: Number(second)}]]
  return [['service', {type: 'address', address: first.replace(/\/.*/, ''), port: Number(second)}]]
}

function innerOf(keyword: string, [address, port = '80']: readonly string[]): Fields {
  if (keyword === 'url') return []
  // A port that is not given, or 0, is that of the service, which is 80 in every probe.
  if (keyword === 'real_server')
    return [
      ['address', address],
      ['port', Number(port) || 80],
    ]
  const [type = ''] = keyword.toLowerCase().split('_')
  return [['type', type]]
}

function memberOf([first = '', second = '0']: readonly string[]): Fields {
  if (first === 'fwmark')
    return [
      ['type', 'fwmark'],
      ['mark', Number(second)],
    ]
  const [from = '', to] = first.split('-')
  const [address = '', length] = from.split('/')
  const last = to === undefined ? undefined : /[.:]/.test(to) ? to : address.replace(/[^.:]+$/, to)
  return [
    ['type', 'addresses'],
    ['first', address],
    ['port', Number(second)],
    ...(last === undefined ? [] : ([['last', last]] as const)),
    ...(length === undefined && last === undefined ? ([['last', address]] as const) : []),
  ]
}

const text =
  (field: string): Saying =>
  words => [[field, words[0]]]
const upper =
  (field: string): Saying =>
  ([word = '']) => [[field, word.toUpperCase()]]
const lower =
  (field: string): Saying =>
  ([word = '']) => [[field, word.toLowerCase()]]
const number =
  (field: string): Saying =>
  ([word]) => [[field, Number(word)]]
const milliseconds =
  (field: string): Saying =>
  ([word]) => [[field, Math.round(Number(word) * 1_000_000) / 1_000]]
const present =
  (field: string): Saying =>
  () => [[field, true]]
const onOff =
  (field: string): Saying =>
  ([word = 'on']) => [[field, ['on', 'true', 'yes'].includes(word)]]
const program =
  (field: string): Saying =>
  ([words = '']) => [[`${field}.argv`, words.split(' ')]]

const method: Saying = ([kind = '', ...options]) => {
  const after = (word: string): string | undefined => options[options.indexOf(word) + 1]
  const fields: (readonly [string, unknown])[] = [['method.type', kind.toLowerCase()]]
  if (options.includes('type')) fields.push(['method.tunnel', after('type')])
  if (options.includes('port')) fields.push(['method.port', Number(after('port'))])
  const checksum = options.find(option => option.endsWith('csum'))
  return checksum === undefined ? fields : [...fields, ['method.checksum', checksum]]
}

/** A flag of a hashing scheduler counts only with that scheduler before it. */
const hashFlag =
  (scheduler: string, flag: string): Saying =>
  (_, earlier) => [['scheduling.flags', earlier.get('scheduling.scheduler') === scheduler ? [flag] : []]]

const statusCodes: Saying = words => [
  ['statusCodes', words.map(word => word.split('-').map(Number)).map(([from, to = from]) => ({from, to}))],
]

const SAYINGS: {readonly [keyword: string]: Saying} = {
  alpha: onOff('alpha'),
  bind_if: text('bindInterface'),
  bind_port: number('bindPort'),
  bindto: text('bindTo'),
  ca: text('caFile'),
  certificate: text('certificateFile'),
  connect_ip: text('connectIp'),
  connect_port: number('connectPort'),
  connect_timeout: milliseconds('connectTimeoutMs'),
  delay_before_retry: milliseconds('delayBeforeRetryMs'),
  delay_loop: milliseconds('delayLoopMs'),
  digest: text('digest'),
  enable_sni: onOff('enableSni'),
  fast_recovery: onOff('fastRecovery'),
  fwmark: number('fwmark'),
  helo_name: text('heloName'),
  http_protocol: upper('httpProtocol'),
  hysteresis: number('hysteresis'),
  inhibit_on_failure: onOff('inhibitOnFailure'),
  ip_family: ([word]) => [['family', word === 'inet6' ? 6 : 4]],
  key: text('keyFile'),
  lb_algo: text('scheduling.scheduler'),
  lb_kind: method,
  log_all_failures: onOff('logAllFailures'),
  lthreshold: number('lowerThreshold'),
  lvs_method: method,
  lvs_sched: text('scheduling.scheduler'),
  'mh-port': hashFlag('mh', 'flag-2'),
  misc_dynamic: present('dynamic'),
  misc_path: program('command'),
  misc_timeout: milliseconds('timeoutMs'),
  name: ([word]) => [[/^[a-z]\d$/.test(word ?? '') ? 'bfd' : 'queryName', word]],
  notify_down: program('notifyDown'),
  omega: present('omega'),
  password: text('password'),
  path: text('path'),
  persistence_engine: text('persistenceEngine'),
  protocol: lower('protocol'),
  quorum: number('quorum'),
  quorum_up: program('quorumUp'),
  regex: text('regex'),
  regex_max_offset: number('regexMaxOffsetBytes'),
  regex_min_offset: number('regexMinOffsetBytes'),
  regex_no_match: present('regexNoMatch'),
  regex_options: words => [['regexOptions', words.filter(word => word !== 'foo')]],
  regex_stack: ([start, most]) => [['regexStack', {startBytes: Number(start), maxBytes: Number(most)}]],
  retry: number('retry'),
  'sh-fallback': hashFlag('sh', 'flag-1'),
  'sh-port': hashFlag('sh', 'flag-2'),
  smtp_alert: onOff('smtpAlert'),
  sni_name: ([word = '']) => [['sniName', word]],
  snmp_name: text('snmpName'),
  status_code: statusCodes,
  tls_compliant: onOff('tlsCompliant'),
  type: upper('recordType'),
  uthreshold: number('upperThreshold'),
  user: text('command.runAs.user'),
  virtualhost: text('virtualHost'),
  warmup: milliseconds('warmupMs'),
}
