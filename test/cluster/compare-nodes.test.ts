import {describe, expect, it} from 'vitest'
import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import type {Violation} from '../../src/cluster/proof.ts'
import {proveCluster} from '../../src/cluster/prove-cluster.ts'
import type {IpAddress} from '../../src/core/ip.ts'
import {
  codesOf,
  complaintsOf,
  DIRECTOR,
  edit,
  GROUPED,
  NEWER,
  nodesOf,
  PLAIN,
  SIGNED,
  UNICAST,
  violationsOf,
} from './pairs.ts'

type Pair = readonly [string, string]

const GOOD: readonly (readonly [string, Pair])[] = [
  ['multicast with a password', PLAIN],
  ['version 3 on interfaces of other names', NEWER],
  ['unicast', UNICAST],
  ['a sync group', GROUPED],
  ['auth_hmac', SIGNED],
  ['a director', DIRECTOR],
]

/** Changes the second node, or with a third text the first. */
interface Mutation {
  readonly name: string
  readonly pair: Pair
  readonly from: string
  readonly to: string
  readonly in?: 'a' | 'b' | 'both'
  /** What comparing finds, information left out. */
  readonly found: readonly string[]
  /** What goes wrong in the simulation; that is what comparing found. */
  readonly proven: readonly Violation[]
}

const TWO_HOLDERS: readonly Violation[] = ['two-holders']

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'another virtual_router_id',
    pair: PLAIN,
    from: 'virtual_router_id 51',
    to: 'virtual_router_id 52',
    found: ['HC2001'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'another version',
    pair: PLAIN,
    from: 'advert_int 1',
    to: 'advert_int 1\n  version 3',
    found: ['HC2002'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'another auth_type',
    pair: PLAIN,
    from: 'auth_type PASS',
    to: 'auth_type AH',
    found: ['HC2003'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'no authentication',
    pair: PLAIN,
    from: 'authentication {\n    auth_type PASS\n    auth_pass s3cret\n  }',
    to: '',
    found: ['HC2003'],
    proven: TWO_HOLDERS,
  },
  {name: 'another password', pair: PLAIN, from: 's3cret', to: 'S3cret', found: ['HC2004'], proven: TWO_HOLDERS},
  {
    name: 'another key of auth_hmac',
    pair: SIGNED,
    from: 'hex:0001',
    to: 'hex:0101',
    found: ['HC2005'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'an active key that the other does not have',
    pair: SIGNED,
    from: 'active_key 1',
    to: 'key 2 hex:ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n    active_key 2',
    in: 'a',
    found: ['HC2005'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'another mode of auth_hmac',
    pair: SIGNED,
    from: 'active_key 1',
    to: 'active_key 1\n    mode permissive',
    found: ['HC2006'],
    proven: [],
  },
  {
    name: 'another interval in version 2',
    pair: PLAIN,
    from: 'advert_int 1',
    to: 'advert_int 2',
    found: ['HC2007'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'another interval in version 3',
    pair: NEWER,
    from: 'advert_int 0.5',
    to: 'advert_int 2',
    found: ['HC2008'],
    proven: [],
  },
  {name: 'an address missing', pair: PLAIN, from: '10.0.0.101/24', to: '', found: ['HC2009'], proven: []},
  {name: 'another address', pair: PLAIN, from: '10.0.0.101', to: '10.0.0.102', found: ['HC2009'], proven: []},
  {
    name: 'an excluded address missing',
    pair: NEWER,
    from: '10.0.0.101/24',
    to: '',
    in: 'a',
    found: ['HC2009'],
    proven: [],
  },
  {
    name: 'an address excluded on one node only',
    pair: NEWER,
    from: '10.0.0.100/24\n  }\n  virtual_ipaddress_excluded {',
    to: '10.0.0.100/24',
    found: ['HC2010'],
    proven: [],
  },
  {
    name: 'another prefix length',
    pair: PLAIN,
    from: '10.0.0.101/24',
    to: '10.0.0.101',
    found: ['HC2011'],
    proven: [],
  },
  {name: 'equal priorities', pair: UNICAST, from: 'priority 100', to: 'priority 150', found: ['HC2012'], proven: []},
  {
    name: 'priority 255 twice',
    pair: UNICAST,
    from: 'priority 1',
    to: 'state MASTER\n  priority 255\n  #',
    in: 'both',
    found: ['HC2014'],
    proven: [],
  },
  {
    name: 'state MASTER twice',
    pair: PLAIN,
    from: 'state BACKUP',
    to: 'state MASTER',
    in: 'both',
    found: ['HC2015'],
    proven: [],
  },
  {
    name: 'state MASTER with the lower priority',
    pair: PLAIN,
    from: 'state BACKUP',
    to: 'state MASTER',
    found: ['HC2016'],
    proven: [],
  },
  {
    name: 'a weight smaller than the gap',
    pair: PLAIN,
    from: 'weight -60',
    to: 'weight -20',
    in: 'both',
    found: ['HC2017'],
    proven: ['failed-node-wins'],
  },
  {
    name: 'a positive weight smaller than the gap',
    pair: PLAIN,
    from: 'weight -60',
    to: 'weight 20',
    in: 'both',
    found: ['HC2017'],
    proven: ['failed-node-wins'],
  },
  {
    name: 'nopreempt on the lower node only',
    pair: UNICAST,
    from: 'priority 100',
    to: 'priority 100\n  nopreempt',
    found: ['HC2018'],
    proven: [],
  },
  {
    name: 'multicast on one node',
    pair: UNICAST,
    from: 'unicast_peer {\n    10.0.0.1\n  }',
    to: '',
    found: ['HC2020'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'a master that does not name the backup',
    pair: UNICAST,
    from: 'unicast_peer {\n    10.0.0.2',
    to: 'unicast_peer {\n    10.0.0.9',
    in: 'a',
    found: ['HC2021'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'a backup that does not name the master, which never has to yield to it',
    pair: UNICAST,
    from: 'unicast_peer {\n    10.0.0.1',
    to: 'unicast_peer {\n    10.0.0.9',
    found: ['HC2021'],
    proven: [],
  },
  {
    name: 'one source address for both',
    pair: UNICAST,
    from: 'unicast_src_ip 10.0.0.2',
    to: 'unicast_src_ip 10.0.0.1',
    found: ['HC2024'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'another multicast group',
    pair: NEWER,
    from: 'version 3',
    to: 'version 3\n  mcast_dst_ip 224.0.0.99',
    found: ['HC2025'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'v3_checksum_as_v2 on one node',
    pair: NEWER,
    from: 'version 3',
    to: 'version 3\n  v3_checksum_as_v2',
    in: 'a',
    found: ['HC2026'],
    proven: TWO_HOLDERS,
  },
  {
    name: 'a sync group on one node only',
    pair: GROUPED,
    from: 'vrrp_sync_group G {\n  group {\n    OUTER\n    INNER\n  }\n}',
    to: '',
    in: 'a',
    found: ['HC2028'],
    proven: ['no-holder'],
  },
  {
    name: 'the id of another virtual router',
    pair: UNICAST,
    from: 'vrrp_instance VI_1',
    to: `vrrp_instance OTHER { interface eth1
      virtual_router_id 9
      virtual_ipaddress { 10.9.0.1/24 }
    }
    vrrp_instance VI_1`,
    found: ['HC2030'],
    proven: [],
  },
  {
    name: 'a virtual server missing',
    pair: DIRECTOR,
    from: 'virtual_server 10.0.0.100 80 {',
    to: `virtual_server 10.0.0.100 443 {
      lvs_sched rr
      lvs_method DR
      protocol TCP
      real_server 10.0.0.11 443 {
        TCP_CHECK {
        }
      }
    }
    virtual_server 10.0.0.100 80 {`,
    found: ['HC2034'],
    proven: [],
  },
  {name: 'another protocol', pair: DIRECTOR, from: 'protocol TCP', to: 'protocol UDP', found: ['HC2034'], proven: []},
  {
    name: 'another forwarding method',
    pair: DIRECTOR,
    from: 'lvs_method DR',
    to: 'lvs_method NAT',
    found: ['HC2035'],
    proven: [],
  },
  {name: 'another scheduler', pair: DIRECTOR, from: 'wrr', to: 'rr', found: ['HC2036'], proven: []},
  {
    name: 'another persistence',
    pair: DIRECTOR,
    from: 'protocol TCP',
    to: 'protocol TCP\n  persistence_timeout 60',
    found: ['HC2036'],
    proven: [],
  },
  {
    name: 'another real server',
    pair: DIRECTOR,
    from: '10.0.0.12',
    to: '10.0.0.13',
    found: ['HC2037'],
    proven: [],
  },
  {name: 'another weight', pair: DIRECTOR, from: 'weight 2', to: 'weight 3', found: ['HC2038'], proven: []},
  {
    name: 'no check of a real server',
    pair: DIRECTOR,
    from: 'weight 2\n    TCP_CHECK {\n    }',
    to: 'weight 2',
    in: 'a',
    found: ['HC2038'],
    proven: [],
  },
  {
    name: 'another id of the sync daemon',
    pair: DIRECTOR,
    from: 'id 7',
    to: 'id 8',
    found: ['HC2032'],
    proven: [],
  },
  {
    name: 'no sync daemon',
    pair: DIRECTOR,
    from: 'lvs_sync_daemon eth0 VI_1 id 7',
    to: '',
    in: 'a',
    found: ['HC2032'],
    proven: [],
  },
]

const instanceOf = (name: string, id: number, own: string): string => `vrrp_instance ${name} {
  interface eth2
  virtual_router_id ${id}
  ${own}
  virtual_ipaddress {
    10.2.0.${id}/24
  }
}`

function mutated({pair: [a, b], from, to, in: where = 'b'}: Mutation): Pair {
  return [where === 'b' ? a : edit(a, from, to), where === 'a' ? b : edit(b, from, to)]
}

describe('nodes of one cluster', () => {
  it.each(GOOD)('that agree have no complaint: %s', (_, pair) => {
    const nodes = nodesOf(...pair)
    expect(nodes.flatMap(({loaded}) => loaded.diagnostics.filter(({severity}) => severity === 'error'))).toEqual([])
    expect(complaintsOf(nodes)).toEqual([])
    const proof = proveCluster(nodes)
    expect(codesOf(proof.findings)).toEqual([])
    expect(proof.routers.map(({verdict}) => verdict)).toEqual(proof.routers.map(() => 'proven'))
  })

  it.each(MUTATIONS)('differ: $name', mutation => {
    const nodes = nodesOf(...mutated(mutation))
    expect(complaintsOf(nodes), JSON.stringify(compareNodes(nodes), undefined, 1)).toEqual(mutation.found)
    const proof = proveCluster(nodes)
    expect(violationsOf(proof)).toEqual(mutation.proven)
    expect(codesOf(proof.findings)).toEqual([])
    const confirmed = proof.findings.filter(({code}) => code === 'HC2108')
    expect(confirmed.length > 0).toBe(mutation.proven.length > 0)
    const known = new Map(compareNodes(nodes).map(({code, position}) => [code, position]))
    for (const {message, position} of confirmed) {
      const [, code = ''] = /: (HC\d+)[^:]* why$/.exec(message) ?? []
      expect(known.get(code)).toEqual(position)
    }
  })

  it('never show a password or a key', () => {
    const pairs = MUTATIONS.filter(({found}) =>
      found.some(code => ['HC2003', 'HC2004', 'HC2005', 'HC2006'].includes(code)),
    )
    expect(pairs.length).toBeGreaterThan(4)
    for (const mutation of pairs) {
      const nodes = nodesOf(...mutated(mutation))
      const texts = JSON.stringify([compareNodes(nodes), proveCluster(nodes)])
      expect(texts).not.toMatch(/s3cret|0102030405/i)
    }
  })
})

describe('a finding', () => {
  it('stands where the second node departs, and points at the place in the first', () => {
    const [finding, ...others] = compareNodes(nodesOf(PLAIN[0], edit(PLAIN[1], 'router_id 51', 'router_id 52')))
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      code: 'HC2001',
      severity: 'error',
      node: 'b',
      router: 'VI_1',
      position: {file: 'b.conf', line: 13, column: 3},
      message: expect.stringContaining('virtual_router_id 52 here, virtual_router_id 51 on a'),
      related: [{node: 'a', position: {file: 'a.conf', line: 13, column: 3}, message: 'virtual_router_id 51 here'}],
    })
  })

  it('of three nodes stands at the one that is not like the others', () => {
    const third = edit(edit(PLAIN[1], 'priority 100', 'priority 50'), 'router_id b', 'router_id c')
    const findings = compareNodes(nodesOf(edit(PLAIN[0], 's3cret', 'other'), PLAIN[1], third))
    expect(findings.map(({code, node}) => [code, node])).toEqual([['HC2004', 'a']])
    expect(findings[0]?.message).toContain('auth_pass is not that of b and c')
  })

  it('says that a virtual_router_id is used by another virtual router', () => {
    const first = edit(PLAIN[0], 'VI_1', 'WEB')
    const second = edit(edit(edit(PLAIN[1], 'VI_1', 'MAIL'), '10.0.0.100', '10.0.0.200'), '10.0.0.101', '10.0.0.201')
    const nodes = nodesOf(first, second)
    expect(complaintsOf(nodes)).toEqual(['HC2029'])
    expect(compareNodes(nodes)[0]?.message).toContain('MAIL: virtual_router_id 51 is that of WEB on a')
  })

  it('about an own address among the peers needs to know the addresses of the host', () => {
    const own = edit(UNICAST[0], '10.0.0.2', '10.0.0.2\n    10.0.0.77')
    const [a, b] = nodesOf(own, UNICAST[1])
    if (!a || !b) throw new Error('two nodes')
    const addresses = ['10.0.0.77' as IpAddress]
    expect(complaintsOf([{...a, addresses}, b])).toEqual(['HC2022'])
    expect(compareNodes([a, b]).map(({code}) => code)).toEqual(['HC2023'])
  })

  it('about a sync group that has other members names both', () => {
    const more = (text: string, members: string): string =>
      edit(
        text.replace('INNER\n  }', members),
        'vrrp_sync_group',
        instanceOf('THIRD', 53, /priority \d+/.exec(text)?.[0] ?? '').concat('\nvrrp_sync_group'),
      )
    const nodes = nodesOf(more(GROUPED[0], 'INNER\n    THIRD\n  }'), more(GROUPED[1], 'INNER\n  }'))
    expect(complaintsOf(nodes)).toEqual(['HC2027'])
    expect(compareNodes(nodes)[0]?.message).toBe(
      'sync group G holds OUTER and INNER together here, OUTER, INNER and THIRD on a: ' +
        'they can end up on both nodes, or on neither',
    )
  })

  it('is not made about one node alone', () => {
    expect(compareNodes(nodesOf(PLAIN[0]))).toEqual([])
  })

  it('is about one fact: what strange nodes have is alone, not different', () => {
    const nodes = nodesOf(PLAIN[0], 'global_defs {\n router_id b\n}\n')
    expect(complaintsOf(nodes)).toEqual(['HC2033'])
  })

  it('holds no control character of a name', () => {
    const texts = PLAIN.map(text => edit(text, 'VI_1', 'V\u0007I')) as [string, string]
    const [finding] = compareNodes(nodesOf(texts[0], edit(texts[1], '51', '52')))
    expect(finding?.message).toContain('V\ufffdI: virtual_router_id 52')
  })
})

describe('what is not said', () => {
  it('does not need unicast_src_ip where two nodes name each other', () => {
    const without = (text: string): string => text.replace(/unicast_src_ip .*/, '')
    expect(complaintsOf(nodesOf(without(UNICAST[0]), without(UNICAST[1])))).toEqual([])
    const [a, b] = UNICAST.map(without) as [string, string]
    expect(complaintsOf(nodesOf(a, edit(b, '10.0.0.1\n', '10.0.0.2\n')))).toEqual(['HC2021'])
  })

  it('is which node begins, where all have nopreempt and one priority', () => {
    const equal = UNICAST.map(text => text.replace(/priority \d+/, 'priority 100\n  nopreempt'))
    expect(complaintsOf(nodesOf(...equal))).toEqual([])
    expect(compareNodes(nodesOf(...equal)).map(({code}) => code)).toEqual(['HC2013'])
  })

  it('is that a third node is missing where two have a virtual router', () => {
    const third = edit(edit(edit(PLAIN[0], 'VI_1', 'VI_2'), '51', '52'), '10.0.0.100', '10.0.1.100')
    const nodes = nodesOf(PLAIN[0], PLAIN[1], edit(third, '10.0.0.101', '10.0.1.101'))
    expect(complaintsOf(nodes)).toEqual(['HC2030'])
  })
})
