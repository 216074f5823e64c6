import {textWidth} from './display-width.ts'

/** Breaks a text between words into lines of at most `width` columns, the later ones behind `indent` spaces. */
export function brokenLines(text: string, {width, indent}: {readonly width: number; readonly indent: number}): string {
  if (textWidth(text) <= width) return text
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const room = width - (lines.length === 0 ? 0 : indent)
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > room) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`)
}
