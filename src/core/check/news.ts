/** What happened to a virtual server; scripts, pipes, mail and the journal are told. */
export type CheckNews =
  | {
      readonly type: 'real-server'
      readonly virtualServer: string
      readonly realServer: string
      readonly up: boolean
      /** "TCP_CHECK of 10.0.0.1:80: refused"; undefined: it is up from the start, or its configuration is gone. */
      readonly reason: string | undefined
    }
  | {
      readonly type: 'quorum'
      readonly virtualServer: string
      readonly up: boolean
      /** Sum of the weights of live real servers. */
      readonly weight: number
      readonly quorum: number
    }
  /** The configuration has it no more, or the agent stops: `omega` decides whether this is told. */
  | {readonly type: 'stopped'; readonly virtualServer: string; readonly realServer: string | undefined}
