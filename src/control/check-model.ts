/** One checker of a real server: `GET /v1/checks`. */
export interface Check {
  /** The virtual server as the configuration names it: "192.0.2.1 80", "fwmark 5", "group web". */
  readonly virtualServer: string
  /** Its services in IPVS: "192.0.2.1:80/tcp". */
  readonly services: readonly string[]
  /** "10.0.0.1:80" */
  readonly realServer: string
  /** Its place among the checkers of the real server, counted from 1. */
  readonly number: number
  /** "TCP_CHECK", "HTTP_GET", … */
  readonly kind: string
  /** What is asked: "10.0.0.1:80", "http://www.example.org/health at 10.0.0.1:80", a program. */
  readonly target: string
  /** `unknown`: never run; `paused`: by an operator; `suspended`: ha_suspend, the address is not here. */
  readonly state: 'up' | 'down' | 'unknown' | 'paused' | 'suspended'
  /** Whether its real server counts as up by it, whatever else the state says. */
  readonly counts: 'up' | 'down'
  /** When that was found, ISO 8601; null: it has been so from the start. */
  readonly since: string | null
  /** Failures one after the other. */
  readonly failures: number
  /** How many of them it takes. */
  readonly failuresPermitted: number
  /** What it adds to the weight of its real server. */
  readonly addedWeight: number
  readonly last: CheckResult | null
  /** When it runs next; null while it does not run. */
  readonly nextAt: string | null
  readonly pause: CheckPause | null
  /** Runs since the agent started, and those that failed. */
  readonly runs: number
  readonly failed: number
}

/** What one run found. */
export interface CheckResult {
  readonly at: string
  readonly ok: boolean
  readonly latencyMs: number
  /** The exact reason of a failure, or what was seen; null: nothing worth telling. */
  readonly text: string | null
}

/** Why a check does not run. */
export interface CheckPause {
  readonly id: string
  readonly since: string
  readonly reason: string | null
  /** When it ends by itself; null: it does not. */
  readonly until: string | null
}

/** One run of the past: `GET /v1/checks/history`. */
export interface CheckRecord extends CheckResult {
  readonly virtualServer: string
  readonly realServer: string
  readonly number: number
  readonly kind: string
}

/** What `check run`, `check pause` and `check resume` did: each checker that it concerned, as it is now. */
export interface CheckReply {
  readonly checks: readonly Check[]
}
