/** Text in one line, whoever wrote it. */

/** A text whose line breaks and controls are escapes: they could make a line look like two, or rewrite a terminal. */
export function oneLine(text: string): string {
  return text.replace(LINE_BREAKERS, asEscape);
}

/** Names of nodes may have them, and remotes may give some. */
const LINE_BREAKERS = /[\p{Cc}\u2028\u2029]/gu;

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
