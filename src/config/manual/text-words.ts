/** A word that the text itself has, before there are keywords. */
export interface TextWord {
  /** What a command line calls it: without the sign and the braces around a name. */
  readonly word: string
  /** How it is written, with what belongs to it. */
  readonly written: string
  /** One line without a full stop. */
  readonly doc: string
  readonly since: string | undefined
  /** Lines that a file may have. */
  readonly example: string
}

/** Every word of the text that has a meaning of its own; keepalived.conf(5). */
export const TEXT_WORDS: readonly TextWord[] = [
  word('include', 'include PATTERN', 'reads the files that match in place of the line', include('include')),
  word('includer', 'includer PATTERN', 'the same; a file that cannot be read is an error', include('includer')),
  word('includem', 'includem PATTERN', 'as includer; that nothing matches is an error, too', include('includem')),
  word(
    'includew',
    'includew PATTERN',
    'as includem; that a pattern with wildcards matches nothing is an error, too',
    include('includew'),
  ),
  word(
    'includeb',
    'includeb PATTERN',
    'as includer; that one of the choices in braces matches nothing is an error, too',
    include('includeb'),
  ),
  word('includea', 'includea PATTERN', 'as all of these together', include('includea')),
  word(
    '@',
    '@ID STATEMENT',
    'the line counts only on the host whose name, up to the first dot, is ID',
    '@director1 vrrp_version 3',
  ),
  word('@^', '@^ID STATEMENT', 'the line counts on every host but that one', '@^director1 vrrp_version 2'),
  word(
    '$',
    '$NAME=VALUE',
    'gives a name, made of letters, digits and underscores, a value; a line that ends in \\ goes on in the next one',
    '$NET=192.0.2',
  ),
  word('_PWD', braced('_PWD'), 'the directory of the file', `include ${braced('_PWD')}/routers/*.conf`),
  word(
    '_INSTANCE',
    braced('_INSTANCE'),
    'the name of the host up to the first dot, which @ID compares with',
    `instance ${braced('_INSTANCE')}`,
  ),
  word(
    '_RANDOM',
    braced('_RANDOM [MIN [MAX]]'),
    'a whole number from MIN to MAX, or from 0 to 32767; the same at every reading on one host',
    `$DELAY=${braced('_RANDOM 1 9')}`,
  ),
  word('_HASH', braced('_HASH'), 'the character #, which begins no comment then', `$SECRET=a${braced('_HASH')}b`),
  word('_BANG', braced('_BANG'), 'the character !, which begins no comment then', `$SECRET=a${braced('_BANG')}b`),
  word(
    '_ENV',
    braced('_ENV NAME'),
    'a variable of the environment of the agent',
    `$HOME_DIR=${braced('_ENV HOME')}`,
    '2.4.0',
  ),
  word(
    '~SEQ',
    '~SEQ(NAME[, START[, STEP]], END) STATEMENT',
    'repeats the rest of the line with each number as the value of NAME; after START, STEP and END a format such as ' +
      '%02d may follow',
    `~SEQ(N, 1, 3) $ROUTER_${braced('N')}=VI_${braced('N')}`,
  ),
  word(
    '~SEQx',
    '~SEQx(NAME[, START[, STEP]], END) STATEMENT',
    'the same in hexadecimal digits',
    `~SEQx(N, 8, 12) $ROUTER_${braced('N')}=VI_${braced('N')}`,
  ),
  word(
    '~LST',
    '~LST(NAME, VALUE, …) STATEMENT',
    'repeats the rest of the line with each value; with several names at once: ~LST({A, B}, {a1, b1}, …)',
    `~LST(HOST, 10, 11) $VIP_${braced('HOST')}=192.0.2.${braced('HOST')}`,
  ),
]

/** The entry that a command line means, with or without the signs around the name. */
export function textWord(given: string): TextWord | undefined {
  const bare = given.replace(/^\$\{?(?=_)/, '').replace(/(?<=^_\w*)\}$/, '')
  return TEXT_WORDS.find(({word: name}) => name === bare || name === `~${bare}`)
}

function word(name: string, written: string, doc: string, example: string, since?: string): TextWord {
  return {word: name, written, doc, example, since}
}

function include(keyword: string): string {
  return `${keyword} routers/*.conf`
}

/** A name between braces, as a file has it. */
function braced(name: string): string {
  return `\${${name}}`
}
