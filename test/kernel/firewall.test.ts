import {describe, expect, test} from 'vitest'
import {runInNamespace, unavailableWith} from './run-in-namespace.ts'

const unavailable = unavailableWith('nft', 'tcpdump')
const title = unavailable === undefined ? 'in a network namespace' : `skipped: ${unavailable}`

describe.skipIf(unavailable !== undefined)(title, {timeout: 90_000}, () => {
  test('the rules drop what they should, and nothing is left of them', async () => {
    const {output, ...end} = await runInNamespace('firewall-child.ts')
    expect(end).toEqual({code: 0, signal: null, stderr: ''})
    const keepalived = 'table ip keepalived\n'
    const everything = ['connected', 'connected', 'connected', 'connected']
    expect(output).toMatchObject({
      // The address of the interface itself first, then the virtual ones: IPv4, IPv6, link-local.
      accepting: {tables: keepalived, reached: everything},
      closed: {reached: ['connected', 'nothing', 'nothing', 'nothing']},
      senders: ['base'],
      end: {tables: keepalived, reached: everything},
      quiet: 0,
      problems: [
        'nftables: no_accept, strict_mode and use_vmac are without their rules: there is no program no-such-nft',
      ],
    })
    const {closed, virtual} = output as {closed: {rules: string; keepalived: string}; virtual: string}
    expect(closed.rules).toMatch(/daddr @vips counter packets [1-9]/)
    expect(closed.keepalived).toContain('chain theirs')
    expect(virtual).toContain('"vm0" : "ha0"')
  })
})
