/** Takes a field apart that holds a list: a JSON array of scalars, or values with a separator. */
import { FIELD_NULL, FIELD_QUOTED, type RecordCursor } from "../../source/record.ts";

export interface ListItem {
  /** Null: the array has `null` there. */
  readonly text: string | null;
  /** It was a text, and not a number or a boolean. */
  readonly isText: boolean;
}

/** `null`: the source says nothing. `malformed`: it is no list, or has lists in it. */
export type ReadList = readonly ListItem[] | null | "malformed";

export interface ListReading {
  /** The source itself has arrays. There, NULL is not an empty list. */
  readonly isTyped: boolean;
  /** Null if the definition names none; then a text that begins like an array has to be one. */
  readonly separator: string | null;
  /** Blanks beside a separator belong to it. */
  readonly trim: boolean;
}

export function readList(
  record: RecordCursor,
  field: number,
  { isTyped, separator, trim }: ListReading,
): ReadList {
  const flags = record.fieldFlags[field];
  if (isTyped && (flags & FIELD_NULL) !== 0) return null;
  const text = record.text(field);
  if (isTyped && (flags & FIELD_QUOTED) === 0) {
    return text.startsWith("[") ? readArray(text) : text.startsWith("{") ? "malformed" : [
      { text, isText: false },
    ];
  }
  if (separator === null && text.trimStart().startsWith("[")) return readArray(text);
  return text.split(separator ?? ",")
    .map((part) => ({ text: trim ? part.trim() : part, isText: true }));
}

/** Numbers stay as they are written: a large one would lose digits. */
function readArray(text: string): ReadList {
  let list: unknown;
  try {
    list = JSON.parse(text, keepNumbers);
  } catch {
    return "malformed";
  }
  if (!Array.isArray(list)) return "malformed";
  const items: ListItem[] = [];
  for (const value of list) {
    if (typeof value === "object" && value !== null && !(value instanceof Written)) {
      return "malformed";
    }
    items.push(
      value instanceof Written
        ? { text: value.text, isText: false }
        : { text: value as string | null, isText: true },
    );
  }
  return items;
}

class Written {
  constructor(readonly text: string) {}
}

function keepNumbers(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" || typeof value === "boolean"
    ? new Written(source ?? String(value))
    : value;
}
