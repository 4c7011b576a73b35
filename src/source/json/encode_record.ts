/** Writes records, and changes values in them. */
import { Buffer } from "node:buffer";
import { FIELD_NULL, FIELD_QUOTED } from "../record.ts";
import { isBlank, passBlanks, QUOTE } from "./bytes.ts";
import type { JsonFormat, JsonPath } from "./json_format.ts";
import { pathOf, pathTree } from "./path_tree.ts";
import { JsonReader } from "./reader.ts";
import { ValueScanner, WHOLE } from "./value_scanner.ts";

const encoder = new TextEncoder();
const START = { offset: 0, line: 1, row: 1 };

/**
 * The record's bytes. A value more than there are fields is a record as a whole, if all others are
 * empty: that is how one is shown that can't be read.
 */
export function encodeRecord(
  values: readonly string[],
  header: readonly string[],
  format: JsonFormat,
): Uint8Array | null {
  const surplus = values.slice(header.length).filter((text) => text.trim() !== "");
  if (surplus.length > 0) {
    const isAlone = values.slice(0, header.length).every((text) => text === "");
    return isAlone && surplus.length === 1 ? encoder.encode(oneLine(surplus[0])) : null;
  }
  const root = new Map<string, Part>();
  for (const [field, name] of header.entries()) {
    if (values[field] !== "") put(root, pathOf(name, format), written(values[field], true));
  }
  const record = encoder.encode(write(root));
  const reader = new JsonReader(record, format, pathTree(header, format), header.length, START);
  // One may lie in another, and say something else.
  return reader.next() && header.every((_, field) => isSame(reader.text(field), values[field]))
    ? record
    : null;
}

function isSame(one: string, other: string): boolean {
  return one === other || one === oneLine(other);
}

/** See RecordFormat.replace. An empty value is none: its key becomes `null`. */
export function replaceValues(
  record: Uint8Array,
  values: ReadonlyMap<number, string>,
  header: readonly string[],
  format: JsonFormat,
): Uint8Array | null {
  const reader = new JsonReader(record, format, pathTree(header, format), header.length, START);
  if (!reader.next() || reader.defect?.code === "malformed") return null;
  const { fieldStart, fieldEnd, fieldFlags } = reader;
  const present = new Set(reader.present());
  const changes: Change[] = [];
  const added = new Map<string, Part>();
  for (const [field, value] of values) {
    const isText = (fieldFlags[field] & FIELD_QUOTED) !== 0;
    const isNull = (fieldFlags[field] & FIELD_NULL) !== 0;
    if (present.has(field)) {
      const from = fieldStart[field] - (isText ? 1 : 0);
      const to = isNull ? from + NULL.length : fieldEnd[field] + (isText ? 1 : 0);
      changes.push({ from, to, text: value === "" ? NULL : written(value, !isText) });
    } else if (value !== "") {
      const path = pathOf(header[field], format);
      // Whether there is an object to add it to isn't known.
      if (path.length > 1) return null;
      put(added, path, written(value, true));
    }
  }
  const end = reader.end - 1;
  if (added.size > 0) {
    const isEmpty = passBlanks(record, reader.start + 1, end) === end;
    const text = (isEmpty ? "" : ",") + write(added).slice(1, -1);
    changes.push({ from: end, to: end, text });
  }
  return splice(record, changes);
}

const NULL = "null";

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Null if changes overlap: one of a value, and one of what it is in. */
function splice(record: Uint8Array, changes: readonly Change[]): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let end = 0;
  for (const { from, to, text } of changes.toSorted((one, other) => one.from - other.from)) {
    if (from < end) return null;
    pieces.push(record.subarray(end, from), encoder.encode(text));
    end = to;
  }
  return Buffer.concat([...pieces, record.subarray(end)]);
}

/** A value as it is written, or the members of an object. */
type Part = string | Map<string, Part> | Map<number, Part>;

/** What a value lies in may be given as a whole: then that is what counts. */
function put(root: Map<string, Part>, path: JsonPath, text: string): void {
  let parts: Map<string | number, Part> = root as Map<string | number, Part>;
  for (const [index, part] of path.slice(0, -1).entries()) {
    const within = parts.get(part);
    if (typeof within === "string") return;
    const next = within ??
      (typeof path[index + 1] === "number" ? new Map<number, Part>() : new Map<string, Part>());
    parts.set(part, next);
    parts = next as Map<string | number, Part>;
  }
  parts.set(path[path.length - 1], text);
}

function write(part: Part): string {
  if (typeof part === "string") return part;
  const [first] = part.keys();
  if (typeof first !== "number") {
    return `{${
      [...part].map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(",")
    }}`;
  }
  const items = part as Map<number, Part>;
  const length = Math.max(...items.keys()) + 1;
  return `[${Array.from({ length }, (_, i) => write(items.get(i) ?? NULL)).join(",")}]`;
}

/** `mayBeRaw`: what is a number, an object and so on is written as such, else as text. */
function written(value: string, mayBeRaw: boolean): string {
  return mayBeRaw && isRaw(value) ? oneLine(value) : JSON.stringify(value);
}

function isRaw(value: string): boolean {
  const bytes = encoder.encode(value);
  if (bytes.length === 0 || isBlank(bytes[0]) || bytes[0] === QUOTE || value === NULL) return false;
  const scanner = new ValueScanner();
  return scanner.scan(bytes, 0, bytes.length, true) === WHOLE && scanner.end === bytes.length;
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/gu, " ");
}
