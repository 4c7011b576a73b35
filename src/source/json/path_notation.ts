/**
 * How a definition writes where a value is: `address.city`, `tags[0]`, and in quotes a key that has
 * dots, brackets or blanks: `prices["2024.01"].net`.
 */
import type { JsonPath } from "./json_format.ts";

const PART = /\.?([^.[\]"]+)|\[(\d{1,9})\]|\.?\["((?:[^"\\]|\\.)*)"\]/uy;

/** Null if it is no path. A single name is a path of one key. */
export function parsePath(text: string): JsonPath | null {
  const path: (string | number)[] = [];
  let end = 0;
  while (end < text.length) {
    PART.lastIndex = end;
    const match = PART.exec(text);
    if (match === null || (end === 0 && text[0] === ".")) return null;
    if (end > 0 && match[1] !== undefined && text[end] !== ".") return null;
    const [all, name, index, quoted] = match;
    const part = index !== undefined
      ? Number(index)
      : quoted === undefined
      ? name
      : unquoted(quoted);
    if (part === null) return null;
    path.push(part);
    end += all.length;
  }
  return path.length === 0 || typeof path[0] === "number" ? null : path;
}

function unquoted(text: string): string | null {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return null;
  }
}

/** `data.items` */
export function writePath(path: JsonPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[^.[\]"\s]+$/u.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}
