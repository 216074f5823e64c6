/**
 * What one probe found. `reason` is one line for people, with what was wanted and what came: "refused", "timeout after
 * 5 s", "status 503 where 200-299 is wanted", "digest 0123… where 4567… is wanted". Nothing of a body is in it.
 */
export type ProbeResult =
  | {
      readonly ok: true
      readonly latencyMs: number
      /** What was seen, in words: "status 200", "exit status 0"; undefined: nothing worth telling. */
      readonly detail: string | undefined
      /** Weight in place of the configured one, MISC_CHECK; or what is added to it, FILE_CHECK; undefined: neither. */
      readonly weight: ProbedWeight | undefined
    }
  | {readonly ok: false; readonly latencyMs: number; readonly reason: string}

/** `instead`: in place of the configured weight; `added`: to it, positive or negative. */
export type ProbedWeight =
  | {readonly type: 'instead'; readonly weight: number}
  | {readonly type: 'added'; readonly weight: number}
