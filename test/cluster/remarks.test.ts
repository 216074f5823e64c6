import {expect, it} from 'vitest'
import {compareNodes} from '../../src/cluster/compare-nodes.ts'
import {parseConfig} from '../../src/config/parse.ts'

const node = (name: string, priority: number, more = '', routerId = name) => ({
  name,
  loaded: parseConfig({
    file: `${name}.conf`,
    text: `global_defs {
  router_id ${routerId}
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority ${priority}
  ${more}
  virtual_ipaddress {
    10.0.0.9/24
  }
}
`,
  }),
})

const codes = (...nodes: ReturnType<typeof node>[]): readonly string[] =>
  compareNodes(nodes).map(({code, severity}) => `${code} ${severity}`)

it('nodes of one router_id are told from each other by nothing', () => {
  expect(codes(node('a', 150), node('b', 100))).toEqual([])
  expect(codes(node('a', 150), node('b', 100, '', 'a'))).toEqual(['HC2031 info'])
})

it('nopreempt on the node of the highest priority alone is remarked', () => {
  expect(codes(node('a', 150, 'nopreempt'), node('b', 100))).toEqual(['HC2019 info'])
  expect(codes(node('a', 150, 'nopreempt'), node('b', 100, 'nopreempt'))).toEqual([])
})

it('more nodes than are compared is said', () => {
  const many = Array.from({length: 40}, (_, i) => node(`n${i}`, 200 - i))
  expect(codes(...many)).toContain('HC2039 info')
})
