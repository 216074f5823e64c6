import {BaseCommand} from '../../src/cli/base-command.ts'

export class AgentDialStdio extends BaseCommand {
  static override description = `connect standard input and output to the agent's socket
This is what --host ssh://… runs on the other host.`

  static override hidden = true

  async run(): Promise<void> {
    const {flags} = await this.parse(AgentDialStdio)
    const {joinStdio} = await import('../../src/control/dial.ts')
    await joinStdio({socket: flags.socket})
  }
}
