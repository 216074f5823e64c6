import {bold, roffExample, roffSentences, roffText, tagged} from './roff.ts'
import {TEXT_WORDS} from './text-words.ts'

/** The configuration that the manual begins with. */
export const SMALL_CONFIGURATION = `global_defs {
  router_id director1
}

vrrp_script chk_nginx {
  script "/usr/local/bin/check_nginx"
  interval 2
  weight -60
}

vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 17
  priority 150
  virtual_ipaddress {
    192.0.2.10/24
  }
  track_script {
    chk_nginx
  }
}`

/** An example of definitions, conditions and repetitions. */
export const TEXT_EXAMPLE = `$NET=192.0.2
@director1 $PRIORITY=150
@^director1 $PRIORITY=100
~LST(HOST, 10, 11) $VIP_\${HOST}=\${NET}.\${HOST}`

/** What the manual says before it lists keywords: what the file is. */
export const INTRODUCTION = `.SH NAME
hactl.conf \\- configuration of hactl
.SH SYNOPSIS
.I /etc/hactl/hactl.conf
.br
.I /etc/keepalived/keepalived.conf
.SH DESCRIPTION
The file is written in the language of
.BR keepalived.conf (5).
hactl reads
.I /etc/hactl/hactl.conf
and, where that does not exist,
.I /etc/keepalived/keepalived.conf
as it is.
Where versions of keepalived differ, it follows 2.4.3;
.B hactl validate config \\-\\-compat 2.2.7
says what 2.2.7 makes of a file.
.PP
Every keyword of keepalived is read and checked.
One that the agent does not act on yet is accepted, and reported;
where it would do harm to go on without it, the virtual router is left out.
.B hactl config explain \\-\\-unsupported
lists those keywords.
A keyword that keepalived does not have is an error, and so is a value that is not permitted:
the line then has no effect and everything else stays.
.PP
.B hactl config explain
.I KEYWORD
prints what this page says about one keyword,
.B hactl validate config
what is wrong with a file.
.PP
A small configuration:
${roffExample(SMALL_CONFIGURATION)}`

/** The rules of the text. */
export const textRules = (): string => `.SH TEXT
.SS Lines and words
The text is UTF\\-8.
One line holds one statement: a keyword and its values, separated by spaces or tabs.
Keywords are case\\-sensitive.
Words left over at the end of a line have no effect, and are reported.
A line has at most 1,022 bytes; a longer one is ignored.
.PP
A value with spaces, or with one of ${bold('{ } # !')} in it, stands between double quotes.
There is no escape within quotes, and a quoted word does not join its neighbours.
The commands of scripts are split once more, as a whole, and there single quotes group as well, and
${bold('\\n')}, ${bold('\\t')}, ${bold('\\OOO')}, ${bold('\\xHH')} and the like are characters; no shell reads them.
.SS Comments
${bold('#')} and ${bold('!')} begin a comment, even inside a word, but not between double quotes.
Outside of quotes, ${bold('\\#')} and ${bold('\\!')} are the characters themselves.
.SS Blocks
A block is a keyword, often a name, and statements between braces.
A brace may stand at the end of the line or on one of its own; between double quotes it is a character.
Where a brace is missing or one too many, one finding says so, and the structure that was meant is used.
.SS Includes
Relative patterns begin at the directory of the file that holds the line;
${bold('*')}, ${bold('?')}, ${bold('[...]')} and ${bold('{a,b}')} match as in a shell,
and files are read in the order of their names.
What is executable, or no regular file, is skipped.
.B include_check
of
.B global_defs
adds checks to those that the word itself has.
${entries(/^include/)}.SS Conditions
Such a line counts or not, whatever it holds; it may not begin with anything else.
${entries(/^@/)}.SS Definitions
A name is replaced by its value where ${bold('$NAME')} stands before a space, a comma, a closing parenthesis
or the end of the line, and where ${bold(`\${NAME}`)} stands, anywhere.
Names in a value are replaced when it is used.
${entries(/^\$/)}.PP
These names are there by themselves:
${entries(/^_/)}.SS Repetitions
These stand at the start of a line.
${entries(/^~/)}.PP
An example of all these:
${roffExample(TEXT_EXAMPLE)}`

/** What stands before the tree of blocks. */
export const BLOCKS = `.SH BLOCKS
What stands in which, and what follows the keyword of a block:
`

/** What stands before the keywords. */
export const KEYWORDS = `.SH KEYWORDS
Of each keyword: what follows it, what it does, what holds without it (default),
and the version of keepalived that brought it, where that is later than 2.2.7.
${roffText('A range such as 1..255 includes both ends.')}
What stands in brackets may be left out, | separates choices, words in capitals stand for something else.
`

/** What stands before the options of lines. */
export const OPTIONS = `.SH ADDRESSES, ROUTES AND RULES
Each line of these blocks is one address, route or rule with its options, in any order.
`

/** What stands before the findings. */
export const FINDINGS = `.SH FINDINGS
Each finding has a stable code.
An error: the line has no effect, and keepalived complains too;
a warning: it has one that may surprise; info: nothing needs to be done.
Findings of class environment depend on the host,
.B \\-\\-offline
leaves them out.
`

const DIFFERENCES: readonly string[] = [
  'keywords that the agent does not act on yet are accepted and reported, as said with each',
  'an unknown block is one finding, and what it holds is not read; keepalived reads that as part of what is around it',
  'a missing brace, or one too many, is made good by the structure of the blocks around it, and told once',
  'a reload with errors is refused unless it is forced, and the agent goes on with the configuration it has; ' +
    'a start takes what can be used, as keepalived does',
  '_RANDOM draws the same numbers at every reading on one host, so that a reload changes nothing by itself',
  'there is no option to name another id for @ID: it is the name of the host up to its first dot',
  'a keyword without its argument is one finding; keepalived ends at once',
  'includes are nested 32 deep at most, and a configuration has a million lines, 4,096 files and 64 MiB at most',
]

/** What follows the lists. */
export const ENDING = `.SH DIFFERENCES FROM KEEPALIVED
${DIFFERENCES.map(text => `.IP \\(bu 2\n${roffSentences(text)}`).join('')}.SH FILES
.TP
.I /etc/hactl/hactl.conf
the configuration
.TP
.I /etc/keepalived/keepalived.conf
the configuration where the other does not exist
.SH SEE ALSO
.BR hactl (8),
.BR keepalived.conf (5)
`

function entries(words: RegExp): string {
  return TEXT_WORDS.filter(({word}) => words.test(word))
    .map(({written, doc, since}) =>
      tagged(bold(written), roffSentences(doc, since === undefined ? undefined : `since keepalived ${since}`)),
    )
    .join('')
}
