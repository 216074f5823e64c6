import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {blocksText, codesText, explanationsText, unsupportedText} from '../../src/cli/explain-views.ts'
import {codeExplanations, explainKeyword, suggestion, unsupportedKeywords} from '../../src/config/manual/explain.ts'
import {blockManuals} from '../../src/config/manual/keywords.ts'
import {API_VERSION} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

export class ConfigExplain extends BaseCommand {
  static override description = `explain a keyword of the configuration, or the code of a finding
A keyword that several blocks have is explained for each; BLOCK.KEYWORD names one. Without WORD the blocks are listed.`

  static override args = {
    word: stringArg({description: 'KEYWORD, BLOCK.KEYWORD, or a code such as HC1201', ignoreStdin: true}),
  }

  static override flags = {
    unsupported: boolean({description: 'what is accepted and not acted on yet', exclusive: ['codes']}),
    codes: boolean({description: 'every code that a finding can have'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ConfigExplain)
    if (flags.unsupported) return this.show('Keyword', unsupportedKeywords(), unsupportedText)
    if (flags.codes) return this.show('DiagnosticCode', codeExplanations(), codesText)
    if (args.word === undefined) return this.show('Block', blockManuals(), blocksText)
    const code = codeExplanations().filter(entry => entry.code === args.word?.toUpperCase())
    if (code.length > 0) return this.show('DiagnosticCode', code, codesText)
    const explanations = explainKeyword(args.word)
    if (explanations.length > 0) return this.show('Keyword', explanations, explanationsText)
    const meant = suggestion(args.word)
    const hint = meant === undefined ? 'see the blocks: hactl config explain' : `did you mean ${meant}?`
    throw new HactlError('NOT_FOUND', `no keyword and no code is ${JSON.stringify(args.word.slice(0, 60))}`, hint)
  }

  private show<Item>(kind: string, items: readonly Item[], text: (items: readonly Item[]) => string): unknown {
    this.print(() => text(items))
    return {apiVersion: API_VERSION, kind, observedAt: new Date().toISOString(), items}
  }
}
