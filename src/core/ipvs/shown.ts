/** What was given, as a message shows it: on one line, without control characters, and of bounded length. */
export function shown(given: string | number): string {
  const text = String(given)
  if (/^[\x21\x23-\x7e]{1,80}$/.test(text)) return text
  return JSON.stringify(text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    '?',
  )
}

const MAX_CHARACTERS = 80
