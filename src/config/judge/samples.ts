import type {IpAddress} from '../../core/ip.ts'
import type {Lint} from './lint.ts'

/** Lints of what samples and documentation have and no network. */
export const SAMPLE_LINTS: readonly Lint[] = [
  {
    name: 'sample-address',
    check: ({instances, virtualServers}, remark) => {
      for (const {name, position} of virtualServers) {
        if (!SAMPLE_SERVICES.has(name)) continue
        const message = `virtual_server ${name} is that of the sample configuration`
        remark(position, message, 'remove it, or make it yours')
      }
      for (const {name, vips, excludedVips} of instances) {
        const [first, ...others] = [...vips, ...excludedVips].filter(({address}) => SAMPLE_VIPS.has(address))
        if (!first) continue
        const what = `${first.address}${andMore(others.length)} is a virtual address of the sample configuration`
        remark(first.position, `${name}: ${what}`, OWN_HINT)
      }
    },
  },
  {
    name: 'sample-mail',
    check: ({global}, remark) => {
      const sample = global.notificationEmail.find(({name}) => SAMPLE_MAIL.test(name))
      if (!sample) return
      const message = `notification_email: ${sample.name} is of the sample configuration; nobody gets that mail`
      remark(sample.position, message, 'write to yourself, or remove it')
    },
  },
  {
    name: 'documentation-address',
    check: ({instances}, remark) => {
      for (const {name, vips, excludedVips, unicastPeers} of instances) {
        const named = [...vips, ...excludedVips, ...unicastPeers]
        const [first, ...others] = named.filter(({address}) => isForDocumentation(address))
        if (!first) continue
        const what = `${first.address}${andMore(others.length)} is for documentation only: no network has it`
        remark(first.position, `${name}: ${what}`, OWN_HINT)
      }
    },
  },
  {
    name: 'address-of-loopback',
    check: ({instances}, remark) => {
      for (const {name, vips, unicastPeers} of instances) {
        for (const {address, position} of [...vips, ...unicastPeers]) {
          if (!isLoopback(address)) continue
          remark(position, `${name}: ${address} is this host itself on every host`, OWN_HINT)
        }
      }
    },
  },
]

/** Recipients of keepalived.conf.sample. */
export const SAMPLE_MAIL = /@firewall\.loc>?$|^acassen(@|$)/

const andMore = (count: number): string => (count > 0 ? ` (and ${count} more)` : '')

const OWN_HINT = 'write an address of your network'

/** What keepalived.conf.sample of keepalived has had over the years. */
const SAMPLE_VIPS: ReadonlySet<string> = new Set([11, 12, 13, 16, 17, 18].map(last => `192.168.200.${last}`))

const SAMPLE_SERVICES: ReadonlySet<string> = new Set(['192.168.200.100 443', '10.10.10.2 1358', '10.10.10.3 1358'])

/** RFC 5737 and RFC 3849. */
const DOCUMENTATION = ['192.0.2.', '198.51.100.', '203.0.113.', '2001:db8:']

const isForDocumentation = (address: IpAddress): boolean => DOCUMENTATION.some(prefix => address.startsWith(prefix))
const isLoopback = (address: IpAddress): boolean => address === '::1' || address.startsWith('127.')
