import type {Config, InstanceConfig, ResolvedTrack, VipConfig} from '../../src/config/config.ts'

/** What is said of one virtual router: the words of keepalived's own dump, and lists sorted. */
export interface Effective {
  readonly [field: string]: string | readonly string[]
}

/** Reads the virtual routers out of a dump of keepalived 2.2.7 (SIGUSR1), by name. */
export function effectiveOfDump(dump: string): ReadonlyMap<string, Effective> {
  const found = new Map<string, {[field: string]: string | string[]}>()
  let current: {[field: string]: string | string[]} | undefined
  let list: string[] | undefined
  for (const line of dump.split('\n')) {
    const head = /^ VRRP Instance = (.*)$/.exec(line)?.[1]
    if (head !== undefined) {
      current = {}
      found.set(head, current)
    } else if (/^(------| \S)/.test(line)) current = undefined
    if (!current) continue
    const setting = /^ {3}(\S.*?)(?: = |: ?| : )(.*)$/.exec(line)
    const member = /^ {5}(\S.*)$/.exec(line)?.[1]
    if (member !== undefined) list?.push(member)
    else if (/^ {3}.* :$/.test(line) || /^ {3}Virtual IP \(\d+\):$/.test(line)) {
      list = []
      current[
        line
          .trim()
          .replace(/ *(\(\d+\))?:$/, '')
          .trim()
      ] = list
    } else if (setting?.[1] !== undefined) current[setting[1]] = setting[2] ?? ''
  }
  return new Map([...found].map(([name, fields]) => [name, normalised(fields)]))
}

/** The same of a configuration as hactl reads it. */
export function effectiveOfConfig(config: Config): ReadonlyMap<string, Effective> {
  const groups = new Map(config.syncGroups.flatMap(({name, members}) => members.map(member => [member.name, name])))
  return new Map(config.instances.map(instance => [instance.name, effectiveOf(instance, groups.get(instance.name))]))
}

function effectiveOf(instance: InstanceConfig, group: string | undefined): Effective {
  const device = instance.vmac || instance.ipvlan ? undefined : instance.interface
  const onOff = (value: boolean): string => (value ? 'enabled' : 'disabled')
  const seconds = (ms: number): string => String(ms / 1_000)
  const {type} = instance.authentication ?? {}
  return normalised({
    'VRRP Version': String(instance.version),
    ...(group === undefined ? {} : {'Sync group': group}),
    'Gratuitous ARP delay': seconds(instance.garpDelayMs),
    'Gratuitous ARP repeat': String(instance.garpRepeat),
    'Gratuitous ARP refresh': seconds(instance.garpRefreshMs),
    'Gratuitous ARP refresh repeat': String(instance.garpRefreshRepeat),
    'Gratuitous ARP lower priority delay': seconds(instance.garpLowerPriorityDelayMs),
    'Gratuitous ARP lower priority repeat': String(instance.garpLowerPriorityRepeat),
    'Down timer adverts': String(instance.downTimerAdverts),
    'Send advert after receive lower priority advert': String(!instance.lowerPriorityNoAdvert),
    'Send advert after receive higher priority advert': String(instance.higherPrioritySendAdvert),
    'Virtual Router ID': String(instance.vrid),
    Priority: String(instance.priority),
    'Advert interval':
      instance.version === 2 ? `${instance.advertIntervalMs / 1_000} sec` : `${instance.advertIntervalMs} milli-sec`,
    Accept: onOff(instance.accept),
    Preempt: onOff(instance.preempt),
    ...(instance.preemptDelayMs > 0 ? {'Preempt delay': `${seconds(instance.preemptDelayMs)} secs`} : {}),
    ...(instance.version === 3 ? {} : {'Authentication type': AUTHENTICATION[type ?? 'none'] ?? ''}),
    'Virtual IP': instance.vips.map(vip => writtenVip(vip, device)),
    'Virtual IP Excluded': instance.excludedVips.map(vip => writtenVip(vip, device)),
    'Unicast Peer': instance.unicastPeers.map(({address, minTtl, maxTtl}) =>
      minTtl === undefined ? address : `${address} min_ttl ${minTtl} max_ttl ${maxTtl}`,
    ),
    'Tracked interfaces': instance.trackInterfaces.map(writtenTrack),
    'Tracked scripts': instance.trackScripts.map(writtenTrack),
    'Tracked processes': instance.trackProcesses.map(writtenTrack),
    'Using smtp notification': instance.smtpAlert ? 'yes' : 'no',
    'Notify priority changes': String(instance.notifyPriorityChanges),
  })
}

const AUTHENTICATION: {readonly [type: string]: string} = {none: 'none', pass: 'SIMPLE_PASSWORD', ah: 'IPSEC_AH'}

const writtenTrack = ({name, weight, reverse}: ResolvedTrack): string =>
  `${name} weight ${weight}${reverse ? ' reverse' : ''}`

/** Only what both tell in the same words: address, prefix length and label. */
function writtenVip({address, prefixLength, label, device}: VipConfig, own: string | undefined): string {
  const longest = address.includes(':') ? 128 : 32
  const where = device ?? own
  return [
    prefixLength === longest ? address : `${address}/${prefixLength}`,
    ...(where === undefined ? [] : ['dev', where]),
    ...(label === undefined ? [] : ['label', label]),
  ].join(' ')
}

const FIELDS = new Set([
  'VRRP Version',
  'Sync group',
  'Gratuitous ARP delay',
  'Gratuitous ARP repeat',
  'Gratuitous ARP refresh',
  'Gratuitous ARP refresh repeat',
  'Gratuitous ARP lower priority delay',
  'Gratuitous ARP lower priority repeat',
  'Down timer adverts',
  'Send advert after receive lower priority advert',
  'Send advert after receive higher priority advert',
  'Virtual Router ID',
  'Priority',
  'Advert interval',
  'Accept',
  'Preempt',
  'Preempt delay',
  'Authentication type',
  'Virtual IP',
  'Virtual IP Excluded',
  'Unicast Peer',
  'Tracked interfaces',
  'Tracked scripts',
  'Tracked processes',
  'Using smtp notification',
  'Notify priority changes',
])

function normalised(fields: {readonly [field: string]: string | readonly string[]}): Effective {
  const kept = Object.entries(fields).flatMap(([field, value]) => {
    if (!FIELDS.has(field) || value.length === 0) return []
    return [[field, typeof value === 'string' ? value : value.map(plainMember).toSorted()]]
  })
  return Object.fromEntries(kept.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)))
}

/** Drops what only one side tells of an address, a peer or a tracked thing. */
const plainMember = (text: string): string =>
  text
    .replace(/ (brd|scope|preferred_lft|peer) \S+/g, '')
    .replace(/ (deprecated|home|-nodad|mngtmpaddr|noprefixroute|autojoin|no_track|no-track|secondary|set)\b/g, '')
    .replace(/ dev \S+@\S+/, '')
    .replace(/, weight /, ' weight ')
    .replace(/ min_ttl 0 max_ttl 255/, '')
    .trim()
