import type {RouteConfig} from '../tables/virtual-route.ts'
import type {Lint} from './lint.ts'

/** Lints of what keepalived before 2.4 does not take as it is meant; a neighbour may still run it. */
export const VERSION_LINTS: readonly Lint[] = [
  {
    name: 'route-without-interface',
    check: ({instances, staticRoutes}, remark) => {
      for (const {name, routes} of instances) {
        const [first, ...others] = routes.filter(isUntrackable)
        if (!first) continue
        const more = others.length > 0 ? ` (and ${others.length} more)` : ''
        const message = `${name}: keepalived before 2.4 does not track a route without an interface${more}`
        remark(first.position, message, 'add dev INTERFACE, or no_track')
      }
      const [first] = staticRoutes.filter(isUntrackable)
      if (!first) return
      const message = 'keepalived before 2.4 does not track a static route without an interface'
      remark(first.position, message, 'add dev INTERFACE, or no_track')
    },
  },
  {
    name: 'name-with-escape',
    check: ({instances}, remark) => {
      for (const {name, position} of instances) {
        if (!/[\\#!]/.test(name)) continue
        const message = `${name}: keepalived before 2.4 does not read a backslash in a name as this version does`
        remark(position, message, 'use letters, digits, - and _')
      }
    },
  },
]

const isUntrackable = ({noTrack, device, vrf, nextHops, via}: RouteConfig): boolean =>
  !noTrack && device === undefined && vrf === undefined && nextHops.length === 0 && via !== undefined
