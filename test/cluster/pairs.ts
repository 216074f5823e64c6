import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import type {ClusterFinding} from '../../src/cluster/findings.ts'
import type {ClusterNode} from '../../src/cluster/node.ts'
import type {ProofResult, Violation} from '../../src/cluster/proof.ts'
import {parseConfig} from '../../src/config/parse.ts'

/** Nodes of one cluster out of texts: a, b, c, and so on. */
export const nodesOf = (...texts: readonly string[]): readonly ClusterNode[] =>
  texts.map((text, i) => {
    const name = String.fromCharCode('a'.charCodeAt(0) + i)
    return {name, loaded: parseConfig({file: `${name}.conf`, text, configId: name})}
  })

/** The codes of findings, each once, in their order; without what is only information. */
export const codesOf = (findings: readonly Pick<ClusterFinding, 'code' | 'severity'>[]): readonly string[] =>
  [...new Set(findings.filter(({severity}) => severity !== 'info').map(({code}) => code))].toSorted()

/** What comparing finds, without what is only information. */
export const complaintsOf = (nodes: readonly ClusterNode[]): readonly string[] => codesOf(compareNodes(nodes))

/** Every kind of violation that a simulation came to, sorted. */
export const violationsOf = ({routers}: ProofResult): readonly Violation[] =>
  [
    ...new Set(routers.flatMap(({runs}) => runs.flatMap(({phases}) => phases.flatMap(({violations}) => violations)))),
  ].toSorted()

/** Replaces a part of a text that has to be there, once. */
export function edit(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`no ${from} in the text`)
  return text.replace(from, to)
}

interface Own {
  readonly name: string
  readonly priority: number
  readonly state?: 'MASTER' | 'BACKUP'
}

const A: Own = {name: 'a', priority: 150}
const B: Own = {name: 'b', priority: 100}

const pairOf = (text: (own: Own) => string): readonly [string, string] => [text(A), text(B)]

/** Version 2, a password, and a script whose failure moves the addresses. */
export const PLAIN = pairOf(
  ({name, priority}) => `
global_defs {
  router_id ${name}
}
vrrp_script chk {
  script "/usr/bin/true"
  interval 2
  weight -60
}
vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass s3cret
  }
  virtual_ipaddress {
    10.0.0.100/24
    10.0.0.101/24
  }
  track_script {
    chk
  }
}
`,
)

/** Version 3 over IPv4, with another interface on each node. */
export const NEWER = pairOf(
  ({name, priority}) => `
vrrp_instance VI_1 {
  version 3
  interface eth_${name}
  virtual_router_id 51
  priority ${priority}
  advert_int 0.5
  virtual_ipaddress {
    10.0.0.100/24
  }
  virtual_ipaddress_excluded {
    10.0.0.101/24
  }
}
`,
)

const own = (name: string): string => (name === 'a' ? '10.0.0.1' : '10.0.0.2')
const other = (name: string): string => (name === 'a' ? '10.0.0.2' : '10.0.0.1')

/** Unicast, each naming the other. */
export const UNICAST = pairOf(
  ({name, priority}) => `
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  unicast_src_ip ${own(name)}
  unicast_peer {
    ${other(name)}
  }
  virtual_ipaddress {
    10.0.0.100/24
  }
}
`,
)

/** An outer and an inner network in a sync group. */
export const GROUPED = pairOf(
  ({priority}) => `
vrrp_instance OUTER {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  virtual_ipaddress {
    10.0.0.100/24
  }
}
vrrp_instance INNER {
  interface eth1
  virtual_router_id 52
  priority ${priority}
  virtual_ipaddress {
    10.1.0.100/24
  }
}
vrrp_sync_group G {
  group {
    OUTER
    INNER
  }
}
`,
)

/** auth_hmac with one key. */
export const SIGNED = pairOf(
  ({priority}) => `
vrrp_instance VI_1 {
  version 3
  interface eth0
  virtual_router_id 51
  priority ${priority}
  auth_hmac {
    key 1 hex:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
    active_key 1
  }
  virtual_ipaddress {
    10.0.0.100/24
  }
}
`,
)

/** A director: a virtual server and the sync daemon. */
export const DIRECTOR = pairOf(
  ({priority}) => `
global_defs {
  lvs_sync_daemon eth0 VI_1 id 7
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  virtual_ipaddress {
    10.0.0.100/24
  }
}
virtual_server 10.0.0.100 80 {
  delay_loop 5
  lvs_sched wrr
  lvs_method DR
  protocol TCP
  real_server 10.0.0.11 80 {
    weight 1
    TCP_CHECK {
    }
  }
  real_server 10.0.0.12 80 {
    weight 2
    TCP_CHECK {
    }
  }
}
`,
)
