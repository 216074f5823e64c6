/** Text as troff sets it as it stands. man(7). */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '\\&...')
    .replace(/^\./gm, '\\&.')
}

/** A word in bold. */
export const bold = (text: string): string => `\\fB${roffText(text)}\\fR`

/** A placeholder in italics. */
export const italic = (text: string): string => `\\fI${roffText(text)}\\fR`

/** A form: what is written as it stands in bold, what stands for something else in italics. */
export function roffForm(form: string): string {
  return form.replace(/[A-Z][A-Z0-9_-]*[A-Z0-9](?![a-z])|[^A-Z]+|[A-Z]/g, part =>
    /^[A-Z][A-Z0-9_-]+$/.test(part) ? italic(part) : roffText(part),
  )
}

/** Lines of an example, set as they are. */
export const roffExample = (text: string): string => `.PP\n.in +4n\n.EX\n${roffText(text)}\n.EE\n.in\n`

/** Sentences, a line each, so that a change of one is a change of one line. */
export const roffSentences = (...sentences: readonly (string | undefined)[]): string =>
  sentences
    .filter(sentence => sentence !== undefined)
    .map(sentence => `${roffText(`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`)}.\n`)
    .join('')

/** A paragraph with a tag, which is troff already. */
export const tagged = (tag: string, text: string): string => `.TP\n${tag}\n${text}`
