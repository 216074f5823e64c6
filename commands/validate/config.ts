import {string as stringArg} from '@oclif/core/args'
import {boolean, string} from '@oclif/core/flags'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {EXIT_CODES} from '../../src/cli/exit-codes.ts'
import {sarifText, type ValidationReply, validationReply, validationText} from '../../src/cli/findings-views.ts'
import {codesOf, type Validation, validate} from '../../src/cli/validate.ts'
import {CONFIG_FILES, defaultConfigFile} from '../../src/config/default-file.ts'
import {HactlError} from '../../src/errors.ts'

export class ValidateConfig extends BaseCommand {
  static override description = `say what is wrong with configurations, alone and beside those of other nodes
Each FILE is a keepalived.conf, "-" for standard input, or ssh://[USER@]HOST[/PATH] for that of another host. Several
are read as the nodes of one cluster: what has to agree is compared, and every single fault is simulated. Exit code 6
when there are errors.`

  static override args = {
    file: stringArg({
      description: `configurations [default: ${CONFIG_FILES.join(', or else ')}]`,
      multiple: true,
      ignoreStdin: true,
    }),
  }

  static override flags = {
    strict: boolean({description: 'exit code 6 for warnings, too'}),
    offline: boolean({description: 'leave out what depends on this host: interfaces, users, scripts, names'}),
    compat: string({description: 'what this older keepalived makes of it as well', options: ['2.2.7']}),
    only: string({description: 'only findings with these codes', helpValue: 'CODE,…'}),
    ignore: string({description: 'no findings with these codes', helpValue: 'CODE,…'}),
    format: string({description: 'how to print', options: ['human', 'json', 'sarif'], default: 'human'}),
    quiet: boolean({char: 'q', description: 'print only the line that sums it up'}),
    simulate: boolean({
      description: 'run all nodes through every single fault',
      allowNo: true,
      default: true,
    }),
  }

  /** It computes without a pause; the signal itself ends it at once. */
  static override interruptible = false

  async run(): Promise<ValidationReply | undefined> {
    const {args, flags} = await this.parse(ValidateConfig)
    // oclif types an argument that takes several as one.
    const given: unknown = args.file
    const names = Array.isArray(given) ? given.map(String) : [flags.host || defaultConfigFile()]
    if (flags.format === 'sarif' && this.jsonEnabled()) {
      throw new HactlError('USAGE', '--json and --format sarif do not go together', 'leave one out')
    }
    const validation = await validate(names, {
      compat: flags.compat === '2.2.7' ? '2.2.7' : undefined,
      simulate: flags.simulate,
      selection: {
        offline: flags.offline,
        only: await codesOf(flags.only),
        ignore: (await codesOf(flags.ignore)) ?? [],
      },
    })
    if (failed(validation, flags.strict)) process.exitCode = EXIT_CODES.INVALID_CONFIGURATION
    if (flags.format === 'sarif') this.print(() => sarifText(validation))
    else this.print(() => validationText(validation, flags))
    return this.jsonEnabled() ? validationReply(validation) : undefined
  }

  /** `--format json` is another way to say `--json`. */
  override jsonEnabled(): boolean {
    const at = this.argv.indexOf('--format')
    return super.jsonEnabled() || this.argv.includes('--format=json') || (at >= 0 && this.argv[at + 1] === 'json')
  }
}

const failed = ({counts}: Validation, strict: boolean): boolean => counts.error > 0 || (strict && counts.warning > 0)
