import {bold, italic, roffExample, roffText} from './roff.ts'

/** What the manual says before it lists keywords: what the file is, and how its text is read. */
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
as it is. Where versions of keepalived differ, it follows 2.4.3;
.B hactl validate config \\-\\-compat 2.2.7
says what 2.2.7 makes of a file.
.PP
Every keyword of keepalived is read and checked. One that the agent does not act on yet is accepted, and reported; where
it would do harm to go on without it, the virtual router is left out. A keyword that keepalived does not have is an error,
and so is a value that is not permitted: the line then has no effect and everything else stays.
.PP
.B hactl config explain
.I KEYWORD
prints what this page says about one keyword,
.B hactl validate config
what is wrong with a file.
.PP
A small configuration:
${roffExample(`global_defs {
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
}`)}
`

/** The rules of the text. */
export const RULES = `.SH TEXT
.SS Lines and words
The text is UTF\\-8. One line holds one statement: a keyword and its values, separated by spaces or tabs. Keywords are
case\\-sensitive. Words left over at the end of a line have no effect, and are reported. A line has at most 1,022 bytes; a
longer one is ignored.
.PP
A value with spaces, or with one of ${bold('{ } # !')} in it, stands between double quotes. There is no escape within
quotes, and a quoted word does not join its neighbours. The commands of scripts are split once more, as a whole, and there
single quotes group as well, and ${bold('\\n')}, ${bold('\\t')}, ${bold('\\OOO')}, ${bold('\\xHH')} and the like are
characters; no shell reads them.
.SS Comments
${bold('#')} and ${bold('!')} begin a comment, even inside a word, but not between double quotes. Outside of quotes,
${bold('\\#')} and ${bold('\\!')} are the characters themselves.
.SS Blocks
A block is a keyword, often a name, and statements between braces. A brace may stand at the end of the line or on one of
its own; between double quotes it is a character. Where a brace is missing or one too many, one finding says so, and the
structure that was meant is used.
.SS Includes
.B include
.I PATTERN
reads files in place of the line. Relative patterns begin at the directory of the file that holds the line;
.B *
.B ?
.B [...]
and
.B {a,b}
match as in a shell, and files are read in the order of their names. What is executable, or no regular file, is skipped.
.PP
That nothing matches is no error for
.BR include .
.B includer
wants files that can be read,
.B includem
a match,
.B includew
a match for wildcards,
.B includeb
one for every brace, and
.B includea
all of that.
.SS Conditions
A line that begins with
.BI @ ID
counts only where the id is
.IR ID ,
one with
.BI @^ ID
only where it is another. The id is what
.B instance
says, or else the name of the host up to its first dot.
.SS Definitions
.BI $ NAME = VALUE
gives a name a value; the name is letters, digits and underscores, and no space stands before the sign. A value goes on in
the next line where a line ends in a backslash. ${bold('$NAME')} is replaced by the value where a space, a comma, a
closing parenthesis or the end of the line follows, ${braced('NAME')} anywhere. Names in a value are
replaced when it is used. These are there by themselves:
.TP
${braced('_PWD')}
the directory of the file
.TP
${braced('_INSTANCE')}
the id that conditions compare with
.TP
${braced('_ENV NAME')}
a variable of the environment
.TP
${braced('_RANDOM [MIN [MAX]]')}
a random number; the same on every reading on one host
.TP
${braced('_HASH')}, ${braced('_BANG')}
the characters # and !
.SS Repetitions
${bold('~SEQ(')}${italic('NAME')}${bold(', ')}${italic('START')}${bold(', ')}${italic('STEP')}${bold(', ')}${italic('END')}${bold(')')}
at the start of a line repeats the rest of it with each number as the value of
.IR NAME ;
START and STEP may be left out; after all three, a format like %02d may follow.
${bold('~LST(')}${italic('NAME')}${bold(', ')}${italic('VALUE')}${bold(', ')}\\&...${bold(')')}
does it with each value,
${bold('~LST({A,B}, {a1,b1}, ')}\\&...${bold(')')}
with several at once.
${roffExample(`$NET=192.0.2
@director1 $PRIORITY=150
@^director1 $PRIORITY=100
~LST(HOST, 10, 11) $VIPS=\${NET}.$HOST`)}
`

/** What follows the lists. */
export const ENDING = `.SH FILES
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

/** What stands before the findings. */
export const FINDINGS = `.SH FINDINGS
Each finding has a stable code. An error: the line has no effect, and keepalived complains too; a warning: it has one that
may surprise; info: nothing needs to be done. Findings of class environment depend on the host,
.B \\-\\-offline
leaves them out.
`

/** What stands before the keywords. */
export const KEYWORDS = `.SH KEYWORDS
Of each keyword: what follows it, what it does, what holds without it
.RI ( default ),
and the version of keepalived that brought it, where that is later than 2.2.7.
${roffText('A range such as 1..255 includes both ends.')}
`

/** `${…}` in bold. */
function braced(name: string): string {
  return bold(`\${${name}}`)
}
