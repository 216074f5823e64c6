import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type HandMadeReply, handMadeText, probeByHand} from '../../src/cli/check-by-hand.ts'
import {ANSWER_FLAGS, type CheckOrderReply, CONNECTION_FLAGS, PAGE_FLAGS} from '../../src/cli/check-flags.ts'
import {givenProbeFlags} from '../../src/cli/check-probe.ts'
import {chosenVirtualServer} from '../../src/cli/check-prompt.ts'
import {isUrl} from '../../src/cli/check-target.ts'
import {checkDetails, checkList} from '../../src/cli/check-views.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {given, realArg} from '../../src/cli/lvs-flags.ts'
import {HactlError} from '../../src/errors.ts'

export class CheckRun extends BaseCommand {
  static override description = `check real servers once, now; or a URL, without an agent
The exit code is 0 when all is good and 1 when not. A service is checked by the agent, as the configuration says, and
what is found counts. A URL is checked from here, and nothing comes of it: http://, https://, tcp://HOST:PORT, smtp://,
dns://HOST/NAME?type=TYPE, udp://HOST:PORT or ping://HOST, with the settings of keepalived.conf as flags.`

  static override args = {
    target: stringArg({
      description: 'a URL; or ADDRESS:PORT/PROTOCOL, fwm/MARK, or the configured name of a service',
      ignoreStdin: true,
    }),
    real: realArg('all of the service where none is named'),
  }

  static override flags = {
    verbose: boolean({char: 'v', description: 'tell what happens; of a service everything about its checks'}),
    ...CONNECTION_FLAGS,
    ...PAGE_FLAGS,
    ...ANSWER_FLAGS,
  }

  async run(): Promise<CheckOrderReply | HandMadeReply> {
    const {args, flags} = await this.parse(CheckRun)
    const {target, real} = args
    if (target !== undefined && isUrl(target)) {
      if (real !== undefined) throw new HactlError('USAGE', `${real.slice(0, 80)}: a URL says all of where to`)
      const reply = await probeByHand(target, {flags, verbose: flags.verbose})
      this.print(() => handMadeText(reply.item))
      if (!reply.item.ok) process.exitCode = EXIT_CODES.FAILED
      return reply
    }
    const [useless] = givenProbeFlags(flags)
    if (useless !== undefined) {
      throw new HactlError('USAGE', `--${useless} is for a URL`, 'a service is checked as the configuration says')
    }
    const agent = this.agent(flags)
    const service = await chosenVirtualServer(agent, target)
    const reply = await agent.runChecks({service, ...given({real})})
    const {checks} = reply.item
    const now = new Date().toISOString()
    const withResults = checks.map(check => ({...check, results: []}))
    this.print(() => (flags.verbose ? checkDetails(withResults, now) : checkList(checks, {now})))
    if (checks.some(({last}) => last?.ok !== true)) process.exitCode = EXIT_CODES.FAILED
    return reply
  }
}
