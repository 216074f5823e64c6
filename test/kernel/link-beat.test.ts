import {describe, expect, test} from 'vitest'
import {namespacesUnavailable, runInNamespace} from './run-in-namespace.ts'

const title = namespacesUnavailable === undefined ? 'in a network namespace' : `skipped: ${namespacesUnavailable}`

describe.skipIf(namespacesUnavailable !== undefined)(title, {timeout: 90_000}, () => {
  // A veth has a driver that answers and no transceiver with registers.
  test('interfaces answer whether they are up', async () => {
    const {code, stderr, output} = await runInNamespace('link-beat-child.ts')
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(output).toEqual({
      up: {up: true, method: 'ETHTOOL'},
      wantedMii: {up: true, method: 'ETHTOOL'},
      byFlags: {up: true, method: 'IOCTL'},
      neverUp: {up: false, method: 'ETHTOOL'},
      otherEndDown: {up: false, method: 'ETHTOOL'},
      absent: {up: false},
      strange: {up: false},
      changes: ['ve0 down ETHTOOL', 've0 up ETHTOOL', 've0 down ETHTOOL', 've0 up ETHTOOL', 've0 down unasked'],
      leftOpen: 0,
    })
  })
})
