import {boolean, string} from '@oclif/core/flags'
import {ClusterWatch} from '../watch/cluster-watch.ts'
import type {ClusterPicture} from '../watch/model.ts'
import {type NodeFlags, nodesOf} from './contexts.ts'
import {parseDuration} from './duration-flag.ts'

/** `--node` of whatever is about several nodes. */
export const NODE_FLAG = {
  node: string({
    description:
      'local, ssh://[USER@]HOST[:PORT] or unix:PATH; once for each [default: those of the context, or local]',
    helpValue: 'NODE',
    multiple: true,
    multipleNonGreedy: true,
  }),
}

/** `--exit-code` of whatever has a verdict. */
export const EXIT_CODE_FLAG = {
  'exit-code': boolean({description: 'exit 0 when all is well, 1 warning, 2 critical, 3 unknown'}),
}

/** `--timeout` of whatever waits for several nodes. */
export const timeoutFlag = (usual: string) => ({
  timeout: string({
    description: 'how long to wait for nodes that do not answer',
    helpValue: 'TIME',
    default: usual,
  }),
})

/**
 * Asks all nodes that flags name, once: resolves when each has told everything or has failed, or after the time of
 * `--timeout`. Throws `HactlError` for flags and contexts that name nothing.
 */
export async function pictureOf({timeout, ...flags}: NodeFlags & {readonly timeout: string}): Promise<ClusterPicture> {
  const timeoutMs = parseDuration(timeout) * 1000
  const watch = new ClusterWatch(nodesOf(flags))
  try {
    return await watch.whole({timeoutMs})
  } finally {
    await watch.close()
  }
}
