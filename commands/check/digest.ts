import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {type DigestReply, digestOfPage} from '../../src/cli/check-digest.ts'
import {CONNECTION_FLAGS, PAGE_FLAGS} from '../../src/cli/check-flags.ts'
import {typed} from '../../src/cli/lvs-prompt.ts'

export class CheckDigest extends BaseCommand {
  static override description = `print the MD5 digest of a page, as HTTP_GET wants it
What genhash does; hactl genhash takes its options.`

  static override args = {
    url: stringArg({description: 'http:// or https://; asked for in a terminal', ignoreStdin: true}),
  }

  static override flags = {
    verbose: boolean({char: 'v', description: 'tell what happens'}),
    ...CONNECTION_FLAGS,
    ...PAGE_FLAGS,
  }

  async run(): Promise<DigestReply> {
    const {args, flags} = await this.parse(CheckDigest)
    const url = await typed('URL', args.url, {question: 'URL', example: 'http://10.0.0.1/health'})
    const reply = await digestOfPage(url, {flags, verbose: flags.verbose})
    this.print(() => reply.item.digest)
    return reply
  }
}
