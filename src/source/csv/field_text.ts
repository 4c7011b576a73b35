import { FIELD_DOUBLED_QUOTES, FIELD_ESCAPED } from "../record.ts";
import type { Dialect } from "./dialect.ts";
import { CONTROL_LETTERS } from "../control_letters.ts";

/** `\N` is no escape: as a whole field, it usually means NULL (`null_values`). */
const NULL = "\\N";

/** What a field's decoded bytes stand for: doubled quotes and escapes are undone. */
export function fieldText(text: string, flags: number, { quote, escape }: Dialect): string {
  const one = String.fromCharCode(quote);
  if ((flags & FIELD_ESCAPED) === 0) {
    return (flags & FIELD_DOUBLED_QUOTES) === 0 ? text : text.replaceAll(one + one, one);
  }
  const mark = String.fromCharCode(escape);
  if (text === NULL && mark === "\\") return text;
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    const next = text[i + 1];
    if (next !== undefined && character === mark) {
      result += mark === "\\" ? CONTROL_LETTERS[next] ?? next : next;
      i++;
    } else {
      result += character;
      if (next === one && character === one && (flags & FIELD_DOUBLED_QUOTES) !== 0) i++;
    }
  }
  return result;
}
