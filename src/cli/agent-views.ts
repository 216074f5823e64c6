import type {AgentStatus, ProcessStatus} from '../control/model.ts'
import {counted, elapsedMs, formatDuration, formatInterval, formatTime} from '../core/format.ts'
import {properties, table} from './table.ts'

/** The agent: itself, its configuration, its processes. `now` is ISO 8601. */
export function agentText(agent: AgentStatus, now: string): string {
  const {configuration} = agent
  const found = `${counted(configuration.errors, 'error')}, ${counted(configuration.warnings, 'warning')}`
  return [
    properties([
      ...(agent.node === '' ? [] : [['node', agent.node] as const]),
      ['version', agent.version],
      ['pid', String(agent.pid)],
      [
        'running',
        `${formatDuration(elapsedMs({from: agent.startedAt, to: now}))}, since ${formatTime(agent.startedAt)}`,
      ],
      ...(agent.observes ? [['observes', 'what no operator has activated is only looked at'] as const] : []),
      ['configuration', configuration.file],
      ['loaded', `${formatTime(configuration.loadedAt)}, ${found}`],
      ['hash', `${configuration.hash}, of what a cluster shares ${configuration.sharedHash}`],
      ['on disk', ON_DISK[configuration.onDisk]],
      ...(configuration.trial === null ? [] : [['on trial', trialText(configuration.trial)] as const]),
      ...(configuration.refused === null ? [] : [['last reload', `refused: ${configuration.refused}`] as const]),
      ...(agent.overrides === 0
        ? []
        : [['changed', `${counted(agent.overrides, 'override')} by operators: hactl agent overrides`] as const]),
      ['state', agent.stateDirectory],
      ...(agent.stateProblem === null ? [] : [['not written', agent.stateProblem] as const]),
      ['socket', agent.socket],
      ['memory', memoryText(agent.memoryBytes)],
    ]),
    processTable(agent.processes, now),
  ].join('\n\n')
}

function processTable(processes: readonly ProcessStatus[], now: string): string {
  const colours = {starting: 'yellow', running: 'green', stalled: 'red', dead: 'red'} as const
  return table<ProcessStatus>(
    [
      {head: 'PROCESS', cell: ({name}) => name},
      {head: 'PID', cell: ({pid}) => String(pid ?? '-')},
      {head: 'STATE', cell: ({state}) => state, colour: ({state}) => colours[state]},
      {
        head: 'RUNNING',
        cell: ({startedAt}) => (startedAt === null ? '-' : formatDuration(elapsedMs({from: startedAt, to: now}))),
      },
      {head: 'RESTARTS', cell: ({restarts}) => String(restarts)},
      {head: 'MEMORY', cell: ({memoryBytes}) => (memoryBytes === null ? '-' : memoryText(memoryBytes))},
      {head: 'LOOP LAG P50 / P99 / MAX', cell: lagText},
    ],
    processes,
  )
}

const ON_DISK: {readonly [state in AgentStatus['configuration']['onDisk']]: string} = {
  same: 'as it was loaded',
  changed: 'changed since it was loaded: hactl config diff',
  missing: 'the file is gone',
}

const memoryText = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`

function trialText({id, until}: NonNullable<AgentStatus['configuration']['trial']>): string {
  return `${id}, taken back at ${formatTime(until)} unless it is confirmed`
}

function lagText({loopLagMs}: ProcessStatus): string {
  if (loopLagMs === null) return '-'
  return [loopLagMs.p50, loopLagMs.p99, loopLagMs.max].map(formatInterval).join(' / ')
}
