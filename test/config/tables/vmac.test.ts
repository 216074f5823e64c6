import {describe, expect, it} from 'vitest'
import {complaints, instanceText, parse} from '../support.ts'

const vmacOf = (...lines: string[]) => parse(instanceText(...lines)).config.instances[0]?.vmac

describe('use_vmac', () => {
  // Measured with keepalived 2.2.7: only a second name is complained about.
  it.each([
    ['given once', ['use_vmac vr9'], 'vr9', []],
    ['given again without a name', ['use_vmac vr9', 'use_vmac'], 'vr9', []],
    ['given a name later', ['use_vmac', 'use_vmac vr9'], 'vr9', []],
    ['given two names', ['use_vmac vr9', 'use_vmac vr10'], 'vr9', ['HC1208 error 6:1']],
    ['given two names on a line', ['use_vmac vr9 vr10'], 'vr9', ['HC1208 error 5:14']],
    ['given one name twice', ['use_vmac vr9', 'use_vmac vr9'], 'vr9', ['HC1208 error 6:1']],
  ])('%s has one name', (_what, lines, name, expected) => {
    expect(vmacOf(...lines)?.name).toBe(name)
    expect(complaints(parse(instanceText(...lines))).filter(text => !text.startsWith('HC1902'))).toEqual(expected)
  })

  it('adds what an earlier one left open', () => {
    expect(vmacOf('use_vmac vr9 group red', 'use_vmac 02:00:00:00:00:07 netlink_notify_msg')).toEqual({
      name: 'vr9',
      mac: '02:00:00:00:00:07',
      group: 'red',
      netlinkNotify: true,
    })
  })
})
