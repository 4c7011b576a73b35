import { FIELD_DOUBLED_QUOTES } from "../record.ts";
import type { Dialect } from "./dialect.ts";

/** What a field's decoded bytes stand for: doubled quotes are undone. */
export function fieldText(text: string, flags: number, { quote }: Dialect): string {
  if ((flags & FIELD_DOUBLED_QUOTES) === 0) return text;
  const one = String.fromCharCode(quote);
  return text.replaceAll(one + one, one);
}
