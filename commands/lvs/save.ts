import {string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {lvsClient} from '../../src/cli/lvs-client.ts'
import {LVS_FLAGS} from '../../src/cli/lvs-flags.ts'
import {savedDocument, savedText} from '../../src/cli/lvs-rules.ts'

export class LvsSave extends BaseCommand {
  static override description = `print the services and real servers of the kernel, for restore, apply and diff
As ipvsadm -S -n prints them, which ipvsadm -R reads, too; or with --json as a document of our own.`

  static override flags = {
    ...LVS_FLAGS,
    format: string({description: 'which form', options: ['ipvsadm', 'json'], default: 'ipvsadm'}),
  }

  async run(): Promise<ReturnType<typeof savedDocument> | undefined> {
    const {flags} = await this.parse(LvsSave)
    const client = await lvsClient(flags)
    const isText = !this.jsonEnabled() && flags.format === 'ipvsadm'
    if (isText && client.savedTable !== undefined) {
      const text = await client.savedTable()
      this.print(() => text, '')
      return undefined
    }
    const {items} = await client.lvsServices({})
    if (this.jsonEnabled()) return savedDocument(items)
    this.print(() => (isText ? savedText(items) : `${JSON.stringify(savedDocument(items), null, 2)}\n`), '')
    return undefined
  }
}
