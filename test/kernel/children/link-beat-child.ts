import {askLink, LinkBeat} from '../../../src/kernel/link-beat.ts'
import {descriptors, ip, report} from './tools.ts'

async function main(): Promise<void> {
  const before = descriptors().length
  const up = await askLink('ha0', undefined)
  const wantedMii = await askLink('ha0', 'MII')
  const byFlags = await askLink('ha0', 'IOCTL')
  ip('link', 'add', 've0', 'type', 'veth', 'peer', 'name', 've1')
  const neverUp = await askLink('ve0', undefined)
  ip('link', 'set', 've0', 'up')
  const otherEndDown = await askLink('ve0', 'ETHTOOL', true)
  const absent = await askLink('nowhere', undefined)
  const strange = await askLink('x'.repeat(100), 'ETHTOOL')
  const changes = await watched()
  report({
    up,
    wantedMii,
    byFlags,
    neverUp,
    otherEndDown,
    absent,
    strange,
    changes,
    leftOpen: descriptors().length - before,
  })
}

/** What is told of an interface that comes up, goes, and returns. */
async function watched(): Promise<readonly string[]> {
  const changes: string[] = []
  let heard = (): void => {}
  const beat = new LinkBeat((name, up) => {
    changes.push(`${name} ${up ? 'up' : 'down'} ${beat.answerOf(name)?.method ?? 'unasked'}`)
    heard()
  }, 20)
  const next = (): Promise<void> =>
    new Promise(resolve => {
      heard = resolve
    })
  let told = next()
  beat.configure(new Map([['ve0', undefined]]))
  await told
  for (const args of [
    ['link', 'set', 've1', 'up'],
    ['link', 'set', 've0', 'down'],
  ]) {
    told = next()
    ip(...args)
    await told
  }
  told = next()
  ip('link', 'set', 've0', 'up')
  await told
  told = next()
  ip('link', 'del', 've0')
  await told
  beat.close()
  return changes
}

void main()
