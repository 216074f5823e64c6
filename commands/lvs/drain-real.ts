import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {parseDuration} from '../../src/cli/duration-flag.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {confirmLast, waitForDrain} from '../../src/cli/lvs-drain.ts'
import {
  given,
  LVS_FLAGS,
  type LvsOrderReply,
  REASON_FLAG,
  realArg,
  serviceArg,
  YES_FLAG,
} from '../../src/cli/lvs-flags.ts'
import {orderText} from '../../src/cli/lvs-order.ts'
import {chosenReal, chosenService} from '../../src/cli/lvs-prompt.ts'

export class LvsDrainReal extends BaseCommand {
  static override description = `let no new connections to a real server
Its weight is 0 until undrain-real; connections go on. With --wait the command ends when its active connections have
ended, for UDP all of them; it waits on while the agent is started again, and Ctrl-C leaves the real server drained. It
asks first only where no other real server of the service gets new connections.`

  static override args = {service: serviceArg(), real: realArg()}

  static override flags = {
    ...LVS_FLAGS,
    ...REASON_FLAG,
    wait: boolean({description: 'until its active connections have ended'}),
    timeout: string({
      description: 'how long to wait; then the exit code is 8, and it stays drained [default: 10m]',
      helpValue: 'TIME',
      dependsOn: ['wait'],
    }),
    all: boolean({description: 'until inactive connections have ended, too', dependsOn: ['wait']}),
    ...YES_FLAG,
  }

  static override interruptible = false

  async run(): Promise<LvsOrderReply> {
    const {args, flags} = await this.parse(LvsDrainReal)
    const timeoutMs = parseDuration(flags.timeout ?? '10m') * 1000
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const real = await chosenReal(lvs, {service, real: args.real})
    await confirmLast(lvs, {service, real, yes: flags.yes})
    const reply = await lvs.drainReal({service, real, ...given({reason: flags.reason})})
    this.print(() => orderText(reply))
    if (flags.wait) {
      const took = await waitForDrain(lvs, {service, real, timeoutMs, all: flags.all})
      this.print(() => took)
    }
    return reply
  }
}
