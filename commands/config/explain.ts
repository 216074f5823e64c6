import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {
  blocksText,
  codesText,
  codeText,
  explanationsText,
  optionsText,
  textWordsText,
  unsupportedText,
} from '../../src/cli/explain-views.ts'
import {
  codeExplanations,
  explainKeyword,
  explainOption,
  suggestion,
  unsupportedKeywords,
} from '../../src/config/manual/explain.ts'
import {blockManuals} from '../../src/config/manual/keywords.ts'
import {textWord} from '../../src/config/manual/text-words.ts'
import {API_VERSION} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

export class ConfigExplain extends BaseCommand {
  static override description = `explain a keyword of the configuration, or the code of a finding
A keyword that several blocks have is explained for each; BLOCK.KEYWORD names one. Without WORD the blocks are listed.`

  static override args = {
    word: stringArg({description: 'KEYWORD, BLOCK.KEYWORD, or a code such as HC1203', ignoreStdin: true}),
  }

  static override flags = {
    unsupported: boolean({description: 'list what is accepted and not acted on yet'}),
    codes: boolean({description: 'list every code that a finding can have'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ConfigExplain)
    const {word} = args
    if ([flags.unsupported, flags.codes, word !== undefined].filter(Boolean).length > 1) {
      const message = 'of WORD, --unsupported and --codes only one can be given'
      throw new HactlError('USAGE', message, 'see: hactl config explain --help')
    }
    if (flags.unsupported) return this.show('Keyword', unsupportedKeywords(), unsupportedText)
    if (flags.codes) return this.show('DiagnosticCode', codeExplanations(), codesText)
    if (word === undefined) return this.show('Block', blockManuals(), blocksText)
    const found = this.explain(word)
    if (found !== undefined) return found
    const hint = suggestion(word) ?? 'see the blocks: hactl config explain'
    throw new HactlError('NOT_FOUND', `no keyword and no code is ${JSON.stringify(word.slice(0, 60))}`, hint)
  }

  private explain(word: string): unknown {
    const codes = codeExplanations().filter(({code, name}) => code === word.toUpperCase() || name === word)
    if (codes.length > 0) return this.show('DiagnosticCode', codes, found => found.map(codeText).join('\n\n'))
    const keywords = explainKeyword(word)
    if (keywords.length > 0) return this.show('Keyword', keywords, explanationsText)
    const options = explainOption(word)
    if (options.length > 0) return this.show('Option', options, optionsText)
    const ofText = textWord(word)
    return ofText === undefined ? undefined : this.show('TextWord', [ofText], textWordsText)
  }

  private show<Item>(kind: string, items: readonly Item[], text: (items: readonly Item[]) => string): unknown {
    this.print(() => text(items))
    return {apiVersion: API_VERSION, kind, observedAt: new Date().toISOString(), items}
  }
}
