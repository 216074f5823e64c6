import {describe, expect, it} from 'vitest'
import {decodeProcessEvent, encodeProcessListen} from '../../../src/core/netlink/connector.ts'

/** struct cn_msg and struct proc_event. <linux/connector.h>, <linux/cn_proc.h> */
function event(what: number, words: readonly number[], change: {index?: number; lengthBytes?: number} = {}): Buffer {
  const body = Buffer.alloc(20 + 40)
  body.writeUInt32LE(change.index ?? 1, 0)
  body.writeUInt32LE(1, 4)
  body.writeUInt16LE(change.lengthBytes ?? 40, 16)
  body.writeUInt32LE(what, 20)
  for (const [i, word] of words.entries()) body.writeUInt32LE(word, 36 + 4 * i)
  return body
}

describe('an event of the process connector', () => {
  it.each([
    ['acknowledgement', event(0, [0]), {type: 'acknowledged', error: 0}],
    ['refusal', event(0, [1]), {type: 'acknowledged', error: 1}],
    ['fork', event(1, [10, 10, 20, 20]), {type: 'forked', parent: 10, child: 20}],
    ['fork out of a thread', event(1, [11, 10, 20, 20]), {type: 'forked', parent: 10, child: 20}],
    ['new thread', event(1, [10, 10, 12, 10]), {type: 'other'}],
    ['exec', event(2, [20, 20]), {type: 'executed', pid: 20}],
    ['new name', event(0x200, [20, 20, 0x61]), {type: 'renamed', pid: 20}],
    ['new name of a thread', event(0x200, [21, 20]), {type: 'other'}],
    ['end', event(0x8000_0000, [20, 20, 256, 17]), {type: 'exited', pid: 20}],
    ['end of a thread', event(0x8000_0000, [21, 20]), {type: 'other'}],
    ['change of a user', event(4, [20, 20]), {type: 'other'}],
  ])('is read: %s', (_name, body, value) => {
    expect(decodeProcessEvent({body})).toEqual({ok: true, value})
  })

  it('is refused when it is not one', () => {
    expect(decodeProcessEvent({body: event(2, [1, 1], {index: 3})})).toEqual({ok: false, failure: 'not-process-event'})
    expect(decodeProcessEvent({body: event(2, [1, 1], {lengthBytes: 41})})).toEqual({
      ok: false,
      failure: 'length-wrong',
    })
  })

  it('is refused when it is cut off', () => {
    for (const what of [0, 1, 2, 0x8000_0000]) {
      const whole = event(what, [1, 1, 2, 2], {lengthBytes: 0})
      const needed = 20 + 16 + (what === 0 ? 4 : what === 1 ? 16 : 8)
      for (let length = 0; length <= whole.length; length++) {
        expect(decodeProcessEvent({body: whole.subarray(0, length)}).ok, `${what} ${length}`).toBe(length >= needed)
      }
    }
  })

  // <linux/cn_proc.h>: PROC_CN_MCAST_LISTEN is 1, PROC_CN_MCAST_IGNORE is 2.
  it('is asked for', () => {
    const header = '28000000 0300 0000 00000000 00000000'
    const body = (operation: string) => `01000000 01000000 00000000 00000000 0400 0000 ${operation}`
    const bytes = (operation: string) => `${header} ${body(operation)}`.replaceAll(' ', '')
    expect(encodeProcessListen(true).toString('hex')).toBe(bytes('01000000'))
    expect(encodeProcessListen(false).toString('hex')).toBe(bytes('02000000'))
  })
})
