import type {Command} from '@oclif/core/command'
import {codeExplanations, explainableWords} from '../config/manual/explain.ts'
import {keywordManuals} from '../config/manual/keywords.ts'
import {TOPICS} from './command-table.ts'
import {describedCommands} from './oclif-plugin.ts'

/**
 * A script for bash that completes topics, commands, flags, their values, files, names of contexts, and what can be
 * explained.
 */
export async function bashCompletion(): Promise<string> {
  const commands = (await describedCommands()).filter(({hidden}) => hidden !== true)
  // What a shell would take for something else, nobody completes.
  const words = explainableWords().filter(word => /^\w[\w-]*$/.test(word))
  const placed = new Set(keywordManuals().flatMap(({block, keyword}) => (block === '' ? [] : [`${block}.${keyword}`])))
  const codes = codeExplanations().map(({code}) => code)
  return `# Completion of hactl for bash; made by: hactl config completion bash
_hactl() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  local flags='' values='' kind='' command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}" verb=2
  COMPREPLY=()
  # --flag=value comes as three words
  [[ $cur == = ]] && cur=''
  [[ $prev == = ]] && prev=\${COMP_WORDS[COMP_CWORD-2]}
  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t COMPREPLY < <(compgen -W '${['help', ...topics(1)].join(' ')} --help --version' -- "$cur")
    return
  fi
  case $command in ${topics(2).map(quoted).join('|')}) verb=3; command+=" \${COMP_WORDS[3]}" ;; esac
  if [[ $COMP_CWORD -le $verb ]]; then
    case "\${COMP_WORDS[*]:1:COMP_CWORD-1}" in
      help) values='${topics(1).join(' ')}' ;;
${topicCases(commands)}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$cur")
    return
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
    *' --config') mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    *' --socket') mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    *' --context') mapfile -t COMPREPLY < <(compgen -W "$(_hactl_contexts)" -- "$cur"); return ;;
    *' --state-dir') mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$cur")
  elif [[ $kind == file ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  elif [[ $kind == context ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_hactl_contexts)" -- "$cur")
  elif [[ $kind == word && $cur == *.* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_hactl_placed" -- "$cur")
  elif [[ $kind == word && $cur == HC* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_hactl_codes" -- "$cur")
  elif [[ $kind == word ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$_hactl_words" -- "$cur")
  elif [[ -n $kind ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$cur")
  fi
}
# compgen expands what it is given, so only harmless names get through.
_hactl_contexts() {
  local line file=\${HOME-}/.config/hactl/contexts.json name='^ {4}"([A-Za-z0-9][A-Za-z0-9_.-]*)": [{]$'
  [[ \${XDG_CONFIG_HOME-} == /* ]] && file=$XDG_CONFIG_HOME/hactl/contexts.json
  [[ -r $file ]] || return
  while IFS= read -r line; do
    [[ $line =~ $name ]] && printf '%s\\n' "\${BASH_REMATCH[1]}"
  done <"$file"
}
_hactl_words='${words.toSorted().join('\n')}'
_hactl_placed='${[...placed].toSorted().join('\n')}'
_hactl_codes='${codes.join('\n')}'
complete -o filenames -F _hactl hactl
`
}

/** The topics of so many words. */
const topics = (words: number): string[] => Object.keys(TOPICS).filter(id => id.split(':').length === words)

/** A topic or a command as it is typed, for a case of bash. */
const quoted = (id: string): string => `'${id.replaceAll(':', ' ')}'`

function topicCases(commands: readonly Command.Loadable[]): string {
  const next = (topic: string): string[] => {
    const below = commands.filter(({id}) => id.startsWith(`${topic}:`))
    return [...new Set(below.map(({id}) => id.slice(topic.length + 1).split(':', 1)[0] ?? ''))]
  }
  return Object.keys(TOPICS)
    .map(topic => `      ${quoted(topic)}) values='${next(topic).join(' ')}' ;;`)
    .join('\n')
}

function commandCase({id, flags, args}: Command.Loadable): string {
  const names = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .flatMap(([name, flag]) => [`--${name}`, ...(flag.type === 'boolean' && flag.allowNo ? [`--no-${name}`] : [])])
  const [arg] = Object.values(args)
  const kind = arg === undefined ? '' : (arg.options?.join(' ') ?? (KINDS.has(arg.name) ? arg.name : ''))
  return `    ${quoted(id)}) flags='${[...names, '--help'].join(' ')}' kind='${kind}' ;;`
}

/** The arguments that are completed by what they are called. */
const KINDS = new Set(['file', 'word', 'context'])

function valueCases({id, flags}: Command.Loadable): string[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    const options = flag.type === 'option' ? flag.options : undefined
    if (options === undefined) return []
    const reply = `mapfile -t COMPREPLY < <(compgen -W '${options.join(' ')}' -- "$cur"); return`
    return [`    ${quoted(`${id} --${name}`)}) ${reply} ;;`]
  })
}
