import type {Host} from './host.ts'
import type {LabProcess} from './lab-process.ts'

/** Pings an address without pause until stopped; what came back and when is for a capture to say. */
export function startPing(
  host: Host,
  {address, intervalMs = 10}: {readonly address: string; readonly intervalMs?: number},
): Promise<LabProcess> {
  return host.start(['ping', '-n', '-q', '-i', String(intervalMs / 1000), address])
}
