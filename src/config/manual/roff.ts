/** Text as troff sets it as it stands. man(7). */
export function roffText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\&...')
    .replace(/^([.'])/gm, '\\&$1')
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
export const roffExample = (text: string): string => `.RS\n.nf\n${roffText(text)}\n.fi\n.RE`
