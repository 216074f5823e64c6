import {wholeSeconds, word} from '../schema/arguments.ts'
import {flag, setting} from '../schema/entries.ts'
import type {Schema} from '../schema/schema.ts'
import {MAX_UNSIGNED, optional} from './global-arguments.ts'

/** Settings that stand outside of blocks. */
export interface RootScalars {
  readonly instanceName: string | undefined
  readonly netNamespace: string | undefined
  /** The empty name is that of the namespace that the agent is started in. */
  readonly ipvsNetNamespace: string | undefined
  readonly namespaceWithIpsets: boolean
  readonly usePidDirectory: boolean
  readonly linkbeatPolling: boolean
  readonly childWaitTimeMs: number
}

/** The entries of what stands outside of blocks and opens none. */
export const ROOT_SCALARS: Schema<RootScalars> = {
  instanceName: setting('instance', word('NAME'), {
    initial: undefined,
    doc: 'name that tells several agents on one host apart, in the names of their files',
    defaultText: 'none',
    repeats: 'first-wins',
  }),
  netNamespace: setting('net_namespace', word('NAME'), {
    initial: undefined,
    doc: 'network namespace to work in, by its name in /run/netns',
    defaultText: 'that which the agent is started in',
    repeats: 'first-wins',
  }),
  ipvsNetNamespace: setting('net_namespace_ipvs', optional(word('NAME'), ''), {
    initial: undefined,
    doc: 'network namespace of the virtual servers; without a name: that which the agent is started in',
    defaultText: 'net_namespace',
    repeats: 'first-wins',
  }),
  namespaceWithIpsets: flag('namespace_with_ipsets', 'use ipsets in a net_namespace before Linux 3.13 too'),
  usePidDirectory: flag('use_pid_dir', 'keep the files with process ids in a directory of their own'),
  linkbeatPolling: flag('linkbeat_use_polling', 'ask every interface for its state again and again'),
  childWaitTimeMs: setting('child_wait_time', wholeSeconds({min: 0, max: MAX_UNSIGNED}), {
    initial: 5_000,
    doc: 'how long to wait for the other processes when stopping',
    defaultText: '5',
  }),
}
