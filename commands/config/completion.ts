import {string as stringArg} from '@oclif/core/args'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {bashCompletion} from '../../src/cli/completion.ts'

export class ConfigCompletion extends BaseCommand {
  static override description = `print a script that completes hactl's commands, flags and keywords
For the present shell: source <(hactl config completion bash)`

  static override args = {
    shell: stringArg({description: 'which shell it is for', options: ['bash'], default: 'bash', ignoreStdin: true}),
  }

  async run(): Promise<{readonly script: string}> {
    await this.parse(ConfigCompletion)
    const script = await bashCompletion()
    this.print(() => script.trimEnd())
    return {script}
  }
}
