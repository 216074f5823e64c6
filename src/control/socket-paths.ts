/** Where an agent listens unless told otherwise. */
export const DEFAULT_SOCKET = '/run/hactl/agent.sock'

/** The socket for reading only that stands beside an agent's full one: agent.sock and agent-ro.sock. */
export function readOnlySocket(socketPath: string): string {
  return socketPath.endsWith('.sock') ? `${socketPath.slice(0, -'.sock'.length)}-ro.sock` : `${socketPath}-ro`
}
