import {expect, test} from 'vitest'
import {loadText} from '../../src/config/load.ts'
import {whyRestartNeeded} from '../../src/config/restart-needed.ts'

const why = (before: string, after: string): string | undefined =>
  whyRestartNeeded(loadText('x', before).config, loadText('x', after).config)

// keepalived.conf(5): "the namespace cannot be changed on a configuration reload", and so for the instance.
test.each([
  ['', '', undefined],
  ['net_namespace a', 'net_namespace a\nuse_pid_dir', undefined],
  ['net_namespace a', 'net_namespace b', /^net_namespace cannot change at a reload \(a -> b\)/],
  ['', 'net_namespace b', /^net_namespace .*\(none -> b\)/],
  ['instance a', '', /^instance .*\(a -> none\)/],
])('from %j to %j', (before, after, reason) => {
  const answer = why(before, after)
  if (reason === undefined) expect(answer).toBeUndefined()
  else expect(answer).toMatch(reason)
})
