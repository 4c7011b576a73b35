/** Invisible or obeyed by a terminal, and left as they are by `JSON.stringify`. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * JSON that means exactly the value, and shows all of it: characters that a terminal or a viewer
 * would obey, such as those that turn the direction of text around, are written as `\u202e`.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  let text = "";
  for (let i = 0; i < character.length; i++) {
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return text;
}
