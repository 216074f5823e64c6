import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {eventFilter, eventLines} from '../../src/cli/event-lines.ts'
import {requireNamed} from '../../src/cli/watch-routers.ts'

export class VrrpWatch extends BaseCommand {
  static override description = `print what happens, one line each, until Ctrl-C
With --json the events as NDJSON.`

  static override args = {name: stringArg({description: 'only this vrrp_instance'})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(VrrpWatch)
    const concerns = eventFilter(args.name)
    const json = this.jsonEnabled()
    await this.agent(flags).events(event => {
      if (event.type === 'snapshot') requireNamed(args.name, event.routers)
      const concerned = concerns(event)
      if (concerned === undefined) return
      if (json) process.stdout.write(`${JSON.stringify(concerned)}\n`)
      else for (const line of eventLines(concerned)) process.stdout.write(`${line}\n`)
    })
  }
}
