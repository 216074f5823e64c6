import {join} from 'node:path'
import {Capture} from './capture.ts'
import {enter} from './entrance.ts'
import type {Lab} from './lab.ts'
import {LabProcess} from './lab-process.ts'
import {repoRoot} from './repo-root.ts'

export interface CaptureOptions {
  /** Leave out packets of all but these IPv4 addresses; by default everybody's are recorded. */
  readonly sources?: readonly string[]
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

  /** Records VRRP, ARP and ICMP on the segment from now on, with the kernel's receive time of each packet. */
  async capture({sources = []}: CaptureOptions = {}): Promise<Capture> {
    const sniffer = join(repoRoot(), 'test', 'lab', 'sniffer.mjs')
    // The mounts too: /sys tells of the interfaces of the namespace it was mounted in.
    const entrance = enter(this.#lab.entrance, ['mount', 'net', 'pid'])
    const argv = [...entrance, process.execPath, sniffer, this.bridge, ...sources]
    const program = new LabProcess('sniffer', argv, {binary: true})
    const capture = new Capture(program)
    await program.waitForOutput(/listening/)
    return capture
  }
}
