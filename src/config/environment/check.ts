import type {HOST_CODES} from '../codes/host-codes.ts'
import type {Config, Position} from '../config.ts'
import type {HostView} from './host.ts'

/** Reports something that this host lacks; neither of the texts holds a secret. */
export type Lack = (name: keyof typeof HOST_CODES, position: Position, message: string, hint?: string) => void

/** Looks for what a configuration needs and a host lacks. */
export type HostCheck = (config: Config, host: HostView, lack: Lack) => void
