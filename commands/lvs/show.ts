import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS, type LvsServicesReply, realArg, serviceArg, WATCH_FLAG} from '../../src/cli/lvs-flags.ts'
import {chosenService} from '../../src/cli/lvs-prompt.ts'
import {requireReal, withReal} from '../../src/cli/lvs-reals.ts'
import {realDetails, serviceDetails} from '../../src/cli/lvs-views.ts'
import {watch} from '../../src/cli/lvs-watch.ts'

export class LvsShow extends BaseCommand {
  static override description = 'show everything about one service, or about one of its real servers'

  static override args = {service: serviceArg(), real: realArg('the service itself where none is named')}

  static override flags = {...LVS_FLAGS, ...WATCH_FLAG}

  async run(): Promise<LvsServicesReply> {
    const {args, flags} = await this.parse(LvsShow)
    const {real} = args
    const lvs = await lvsClient(flags)
    const service = await chosenService(lvs, args.service)
    const read = async (): Promise<LvsServicesReply> => {
      const reply = await lvs.lvsServices({service})
      if (real === undefined) return reply
      const items = withReal(reply.items, real)
      requireReal(items, {service, real})
      return {...reply, items}
    }
    const text = ({items}: LvsServicesReply): string =>
      real === undefined ? serviceDetails(items) : realDetails(items, new Date().toISOString())
    if (flags.watch) return watch({read, text, json: this.jsonEnabled()})
    const reply = await read()
    this.print(() => text(reply))
    return reply
  }
}
