/** A word as it has to be written to be read as it is: between double quotes where it needs them. */
export function writtenWord(text: string): string {
  return text === '' || /[\s{}#!\\]/.test(text) ? `"${text}"` : text
}

/**
 * A program with its arguments as one quoted word. What has a meaning within the quotes is written as an octal
 * escape, so that it is read back whatever reads it first: the splitting at braces, the comments, or the definitions.
 */
export function writtenCommand(argv: readonly string[]): string {
  return `"${argv.map(writtenArgument).join(' ')}"`
}

function writtenArgument(argument: string): string {
  if (argument === '') return "''"
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
  return argument.replace(/[\u0000-\u0020"'\\$\u007f]/g, c => `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
}
