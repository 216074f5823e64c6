import {describe, expect, test} from 'vitest'
import {namespacesUnavailable, runInNamespace} from './run-in-namespace.ts'

const title = namespacesUnavailable === undefined ? 'in a network namespace' : `skipped: ${namespacesUnavailable}`

describe.skipIf(namespacesUnavailable !== undefined)(title, {timeout: 90_000}, () => {
  test('probes by ping and UDP hear what the network says', async () => {
    const {code, stderr, output} = await runInNamespace('probes-child.ts')
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(output).toEqual({
      answered: 'good',
      answered6: 'good',
      fromAddress: 'good',
      overInterface: 'good',
      linkLocal: 'good',
      linkLocalWithout: 'the address does not fit',
      noRoute: 'no route to its network',
      noRoute6: 'no route to its network',
      prohibitedThere: 'no route to host',
      unreachableThere: 'no route to host',
      unreachableThere6: 'no route to its network',
      absent: 'no route to host',
      absentUdp: 'no route to host',
      absent6: 'no route to host',
      withoutMark: 'no route to its network',
      withMark: 'good',
      pingSocket: 'good',
      pingSocket6: 'good',
      pingSocketNoRoute: 'no route to host',
      filtered: 'no reply within 300 ms',
      leftOpen: 0,
    })
  })
})
