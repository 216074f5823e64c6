import {commandsOf} from '../commands.ts'
import type {Lint} from './lint.ts'

/** Lints of programs that are run. */
export const SCRIPT_LINTS: readonly Lint[] = [
  {
    name: 'script-timeout-long',
    check: ({scripts}, remark) => {
      for (const {name, timeoutMs, intervalMs, at} of scripts) {
        if (at.timeoutMs === undefined || timeoutMs <= intervalMs) continue
        const message =
          `${name}: timeout ${timeoutMs / 1_000} is longer than interval ${intervalMs / 1_000}: ` +
          'while a run hangs, the next ones are left out, and a failure is seen that much later'
        remark(at.timeoutMs, message, 'a timeout of at most the interval')
      }
    },
  },
  {
    name: 'user-like-argument',
    check: (config, remark) => {
      for (const {what, command, position} of commandsOf(config)) {
        const words = [command.runAs?.user, command.runAs?.group].filter(word => word !== undefined)
        const odd = words.find(word => NO_USER.test(word))
        if (odd === undefined) continue
        const message = `${what}: '${odd}' is taken for a user or group to run as, not for an argument`
        remark(position, message, 'put the program and its arguments between one pair of double quotes')
      }
    },
  },
  {
    name: 'script-signals-others',
    check: (config, remark) => {
      for (const {what, command, position} of commandsOf(config)) {
        const user = (command.runAs ?? config.global.scriptUser)?.user
        if (user === undefined || user === 'root' || !sendsSignalZero(command.argv)) continue
        const message =
          `${what}: ${command.argv[0]} as ${user} may look at processes of ${user} only: ` +
          'for those of anybody else it fails although they run'
        remark(position, message, 'track the process with vrrp_track_process, or use pidof or pgrep')
      }
    },
  },
  {
    name: 'script-needs-bash',
    check: (config, remark) => {
      for (const {what, command, position} of commandsOf(config)) {
        const path = /^<\s*(\/dev\/(?:tcp|udp)\/.*)/.exec(command.argv.join(' '))?.[1]
        if (path === undefined) continue
        const message =
          `${what}: keepalived lets /bin/sh open ${path}, which only bash can: ` +
          'where /bin/sh is another shell it always fails'
        remark(position, message, `"/bin/bash -c '<${path}'"`)
      }
    },
  },
  {
    name: 'fifo-script-alone',
    check: ({global}, remark) => {
      const pairs = [
        ['notifyFifoScript', 'notifyFifo', 'notify_fifo'],
        ['vrrpNotifyFifoScript', 'vrrpNotifyFifo', 'vrrp_notify_fifo'],
        ['lvsNotifyFifoScript', 'lvsNotifyFifo', 'lvs_notify_fifo'],
      ] as const
      for (const [script, fifo, keyword] of pairs) {
        if (!global[script] || global[fifo]) continue
        const message = `${keyword}_script: there is no ${keyword}, so it is never started`
        remark(global.at[script] ?? global.position, message, `${keyword} PATH`)
      }
    },
  },
]

/** Words that no user or group is called, and that people pass to scripts. */
const NO_USER = /^(MASTER|BACKUP|FAULT|STOP|INSTANCE|GROUP|master|fault|stop)$|^-|[/=:;|&<>*?(){}[\]]|^\d+\.\d+/

/** Signal 0 asks whether a process is there, and whether one may signal it. kill(2). */
const sendsSignalZero = ([program, ...rest]: readonly string[]): boolean =>
  /^(.*\/)?(killall|pkill|kill)$/.test(program ?? '') && rest.includes('-0')
