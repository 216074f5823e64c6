import type {HostCheck} from './check.ts'

/** Checks of what the kernel has, and of what already runs. */
export const KERNEL_CHECKS: readonly HostCheck[] = [
  ({netNamespace, ipvsNetNamespace, at, position}, host, lack) => {
    const names = [
      ['net_namespace', netNamespace, at.netNamespace],
      ['net_namespace_ipvs', ipvsNetNamespace, at.ipvsNetNamespace],
    ] as const
    for (const [keyword, name, given] of names) {
      if (!name || host.namespace(name) !== false) continue
      const message = `${keyword}: this host has no network namespace ${name}`
      lack('namespace-absent', given ?? position, message, `ip netns add ${name}`)
    }
  },
  ({instances, position}, host, lack) => {
    if (host.running === undefined || instances.length === 0) return
    const message = `${host.running} runs on this host: of its addresses those that it holds as master are not judged`
    lack('agent-running', position, message)
  },
]
