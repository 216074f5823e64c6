import type {IpAddress} from '../../core/ip.ts'
import type {Lint} from './lint.ts'

/** Lints of what samples and documentation have and no network. */
export const SAMPLE_LINTS: readonly Lint[] = [
  {
    name: 'sample-address',
    check: ({instances}, remark) => {
      for (const {name, vips, excludedVips} of instances) {
        for (const {address, position} of [...vips, ...excludedVips]) {
          if (!SAMPLE_VIPS.has(address)) continue
          remark(position, `${name}: ${address} is a virtual address of the sample configuration`, OWN_HINT)
        }
      }
    },
  },
  {
    name: 'documentation-address',
    check: ({instances}, remark) => {
      for (const {name, vips, excludedVips, unicastPeers} of instances) {
        for (const {address, position} of [...vips, ...excludedVips, ...unicastPeers]) {
          if (!isForDocumentation(address)) continue
          remark(position, `${name}: ${address} is for documentation only, and no network has it`, OWN_HINT)
        }
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

const OWN_HINT = 'write an address of your network'

/** What keepalived.conf.sample of keepalived has had over the years. */
const SAMPLE_VIPS: ReadonlySet<string> = new Set([11, 12, 13, 16, 17, 18].map(last => `192.168.200.${last}`))

/** RFC 5737 and RFC 3849. */
const DOCUMENTATION = ['192.0.2.', '198.51.100.', '203.0.113.', '2001:db8:']

const isForDocumentation = (address: IpAddress): boolean => DOCUMENTATION.some(prefix => address.startsWith(prefix))
const isLoopback = (address: IpAddress): boolean => address === '::1' || address.startsWith('127.')
