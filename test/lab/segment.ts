import {Capture} from './capture.ts'
import {enter} from './entrance.ts'
import type {Lab} from './lab.ts'
import {LabProcess} from './lab-process.ts'

export interface CaptureOptions {
  /** pcap-filter(7) expression. */
  readonly filter?: string
}

/** An Ethernet segment. */
export class Segment {
  /** Name of the bridge in the lab's own namespace. */
  readonly bridge: string
  readonly #lab: Lab

  constructor(lab: Lab, bridge: string) {
    this.#lab = lab
    this.bridge = bridge
  }

  /** Records what passes over the segment from now on, with the kernel's receive time of each packet. */
  async capture({filter = 'ip proto 112 or arp or icmp'}: CaptureOptions = {}): Promise<Capture> {
    // `-Z root`: in a user namespace there is no other user to change to.
    const options = ['-i', this.bridge, '-Z', 'root', '-n', '-s', '256', '-B', '16384', '-U', '--immediate-mode']
    const argv = ['tcpdump', ...options, '--time-stamp-precision=nano', '-w', '-', filter]
    const program = new LabProcess('tcpdump', [...enter(this.#lab.entrance, ['net', 'pid']), ...argv], {binary: true})
    const capture = new Capture(program)
    await program.waitForOutput(/listening on/)
    return capture
  }
}
