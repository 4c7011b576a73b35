/** Text on a terminal: measuring it, and making it fit. */

/** What a terminal doesn't show, but obeys: escapes, and characters that turn the text around. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Replaces characters that a terminal would obey: file names and data can come from anybody.
 * Everything becomes one line.
 */
export function printable(text: string): string {
  return text.replace(/\s+/gu, " ").replace(OBEYED, "�");
}

/** The colours of `style.ts`. */
// deno-lint-ignore no-control-regex -- they begin with an escape
const COLOUR = /(\x1b\[(?:[12]|22|3[1236]|39)m)/u;

/**
 * A line that is printed as it was laid out, without anything that a terminal would obey. The last
 * defence: whoever puts a text of somebody else's into a line makes it `printable` first, which
 * also keeps the layout.
 */
export function cleanLine(line: string): string {
  return line.replace(/[\t\n\r]/gu, " ").replace(OBEYED, "�");
}

/** The same for a line with our own colours. */
export function cleanColouredLine(line: string): string {
  return line.split(COLOUR).map((part, i) => i % 2 === 1 ? part : cleanLine(part)).join("");
}

/** The second group: parts of Korean syllables, as macOS writes them in names of files. */
const ZERO_WIDTH = /^(?:[\p{Mn}\p{Me}]|[\u1160-\u11ff])$/u;
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** Columns that printable text takes up. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (character < "\u0300") return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Cut to at most `width` columns, the cut shown as `…`. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let room = width - 1;
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    kept += character;
  }
  return width > 0 ? `${kept}…` : "";
}

/** Padded on the right to `width` columns. */
export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Breaks lines between words, and within words that are longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const head = takeColumns(line, Math.max(2, width));
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return line === "" ? lines : [...lines, line];
}

function takeColumns(text: string, width: number): string {
  let taken = "";
  let room = width;
  for (const character of text) {
    room -= characterWidth(character);
    if (room < 0) break;
    taken += character;
  }
  return taken;
}
