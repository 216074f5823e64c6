import type {Command} from '@oclif/core/command'
import {codeExplanations} from '../config/manual/explain.ts'
import {keywordManuals} from '../config/manual/keywords.ts'
import {TOPICS} from './command-table.ts'
import {describedCommands} from './oclif-plugin.ts'

/** A script for bash that completes topics, commands, flags, their values, files, and what can be explained. */
export async function bashCompletion(): Promise<string> {
  const commands = (await describedCommands()).filter(({hidden}) => hidden !== true)
  const keywords = keywordManuals()
  const words = new Set([
    ...keywords.map(({keyword}) => keyword),
    ...keywords.filter(({block}) => block !== '').map(({block, keyword}) => `${block}.${keyword}`),
    ...codeExplanations().map(({code}) => code),
  ])
  return `# Completion of hactl for bash; made by: hactl config completion bash
_hactl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local flags='' values='' kind=''
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${['help', ...Object.keys(TOPICS)].join(' ')} --help --version' -- "$cur"))
    return
  fi
  if [[ $COMP_CWORD -eq 2 ]]; then
    case \${COMP_WORDS[1]} in
${topicCases(commands)}
    esac
    COMPREPLY=($(compgen -W "$values" -- "$cur"))
    return
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${commands.map(commandCase).join('\n')}
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]} $prev" in
${commands.flatMap(valueCases).join('\n')}
    *' --config') COMPREPLY=($(compgen -f -- "$cur")); return ;;
    *' --socket') COMPREPLY=($(compgen -f -- "$cur")); return ;;
    *' --state-dir') COMPREPLY=($(compgen -d -- "$cur")); return ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ $kind == file ]]; then
    COMPREPLY=($(compgen -f -- "$cur"))
  elif [[ $kind == word ]]; then
    COMPREPLY=($(compgen -W "$_hactl_words" -- "$cur"))
  elif [[ -n $kind ]]; then
    COMPREPLY=($(compgen -W "$kind" -- "$cur"))
  fi
}
_hactl_words='${[...words].toSorted().join('\n')}'
complete -o filenames -F _hactl hactl
`
}

function topicCases(commands: readonly Command.Loadable[]): string {
  const verbs = (topic: string): string[] =>
    commands.filter(({id}) => id.startsWith(`${topic}:`)).map(({id}) => id.slice(topic.length + 1))
  return Object.keys(TOPICS)
    .map(topic => `      ${topic}) values='${verbs(topic).join(' ')}' ;;`)
    .join('\n')
}

function commandCase({id, flags, args}: Command.Loadable): string {
  const names = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .flatMap(([name, flag]) => [`--${name}`, ...(flag.type === 'boolean' && flag.allowNo ? [`--no-${name}`] : [])])
  const [arg] = Object.values(args)
  const kind = arg === undefined ? '' : (arg.options?.join(' ') ?? (KINDS.has(arg.name) ? arg.name : ''))
  return `    '${id.replace(':', ' ')}') flags='${[...names, '--help'].join(' ')}' kind='${kind}' ;;`
}

/** The arguments that are completed by what they are called. */
const KINDS = new Set(['file', 'word'])

function valueCases({id, flags}: Command.Loadable): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    const options = flag.type === 'option' ? flag.options : undefined
    if (options === undefined) return []
    const reply = `COMPREPLY=($(compgen -W '${options.join(' ')}' -- "$cur")); return`
    return [`    '${id.replace(':', ' ')} --${name}') ${reply} ;;`]
  })
}
