import {string as stringArg} from '@oclif/core/args'
import {boolean} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {fileName} from '../../src/cli/findings-views.ts'
import {type FormattedFile, formatFiles} from '../../src/cli/format-configs.ts'
import {CONFIG_FILES, defaultConfigFile} from '../../src/config/default-file.ts'
import {rewriteFile} from '../../src/config/rewrite-file.ts'
import {API_VERSION} from '../../src/control/model.ts'
import {HactlError} from '../../src/errors.ts'

export class ConfigFormat extends BaseCommand {
  static override description = `lay out configuration files: one statement a line, two spaces a level
Comments stay. Prints the result, unless told to write or to check; "-" is standard input. A file that is not well
formed is left as it is, with exit code 6.`

  static override args = {
    file: stringArg({
      description: `files [default: ${CONFIG_FILES.join(', or else ')}]; what they include is left alone`,
      multiple: true,
      ignoreStdin: true,
    }),
  }

  static override flags = {
    check: boolean({description: 'only name the files that would change; exit code 1 if any', exclusive: ['write']}),
    write: boolean({description: 'write the files again where they change, and name them'}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(ConfigFormat)
    // oclif types an argument that takes several as one.
    const given: unknown = args.file
    const names = Array.isArray(given) ? given.map(String) : [defaultConfigFile()]
    if (flags.write && names.includes('-'))
      throw new HactlError('USAGE', 'standard input cannot be written', 'name a file')
    const files = await formatFiles(names)
    for (const {file, text, changed} of files) {
      if (flags.write && changed) rewriteFile(file, text)
      if (flags.check && changed) process.exitCode = EXIT_CODES.FAILED
      if (flags.check || flags.write) this.print(() => (changed ? `${shownName(file)}\n` : ''), '')
      else this.print(() => text, '')
    }
    for (const file of files) this.reportLeftAlone(file)
    return {apiVersion: API_VERSION, kind: 'FormattedFile', observedAt: new Date().toISOString(), items: files}
  }

  private reportLeftAlone({file, leftAlone}: FormattedFile): void {
    if (leftAlone === null) return
    process.exitCode = EXIT_CODES.INVALID_CONFIGURATION
    if (this.jsonEnabled()) return
    process.stderr.write(`${shownName(file)}:${leftAlone.line}: left as it is: ${leftAlone.reason}\n`)
  }
}

const shownName = (file: string): string => (file === '-' ? 'stdin' : fileName(file))
