import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import type {ItemReply, ReloadReply} from '../../src/control/model.ts'

export class AgentReload extends BaseCommand {
  static override description = `read the configuration again and apply what changed
Prints the changes. A configuration with errors is refused, and the agent goes on with the one it has.`

  static override flags = {
    force: boolean({description: 'apply what can be applied although the configuration has errors'}),
  }

  async run(): Promise<ItemReply<'Reload', ReloadReply>> {
    const {flags} = await this.parse(AgentReload)
    const reply = await this.agent(flags).reload({force: flags.force})
    const {applied, changes, diagnostics} = reply.item
    if (!applied) process.exitCode = EXIT_CODES.INVALID_CONFIGURATION
    if (this.jsonEnabled()) return reply
    const {agentFindingsText, refusalText} = await import('../../src/cli/agent-findings.ts')
    const found = agentFindingsText(diagnostics, {here: !flags.host})
    if (found !== undefined) process.stderr.write(`${found}\n`)
    if (applied) this.print(() => (changes.length > 0 ? changes.join('\n') : 'nothing changed'))
    else process.stderr.write(`hactl: ${refusalText(diagnostics)}\n`)
    return reply
  }
}
