/** A row as the hooks left it, for the writers of its columns. */
import { FIELD_NATIVE, FIELD_NULL, FIELD_QUOTED, type RecordCursor } from "../../source/record.ts";
import type { Cell, Change, SentRow } from "../../hooks/messages.ts";

const encoder = new TextEncoder();

/** `typed`: as a source whose values have types of their own. */
export class HookedRecord implements RecordCursor {
  readonly row: number;
  readonly line: number;
  readonly start = 0;
  readonly defect = null;
  readonly fieldFlags: Uint8Array;
  readonly #texts: readonly string[];
  readonly #typed: boolean;
  #bytes: Bytes | null = null;

  constructor(
    [row, cells]: SentRow,
    changes: readonly Change[],
    { line }: Pick<RecordCursor, "line">,
    typed: boolean,
  ) {
    const now = cells.slice();
    const changed = new Set<number>();
    for (const [field, cell] of changes) {
      now[field] = cell;
      changed.add(field);
    }
    this.row = row;
    this.line = line;
    this.#typed = typed;
    this.#texts = now.map((cell) => cell === null ? "" : typeof cell === "string" ? cell : cell.j);
    this.fieldFlags = Uint8Array.from(now, (cell) => flagsOf(cell, typed));
  }

  get fieldCount(): number {
    return this.#texts.length;
  }

  text(field: number): string {
    return this.#texts[field] ?? "";
  }

  next(): boolean {
    return false;
  }

  get bytes(): Uint8Array {
    return this.#written.bytes;
  }

  get end(): number {
    return this.#written.bytes.length;
  }

  get fieldStart(): Int32Array {
    return this.#written.starts;
  }

  get fieldEnd(): Int32Array {
    return this.#written.ends;
  }

  /** Only a few readers want bytes: texts of JSON in quotes. */
  get #written(): Bytes {
    return this.#bytes ??= write(this.#texts, this.fieldFlags, this.#typed);
  }
}

/** A number that a hook has given isn't in the notation of the file. */
function flagsOf(cell: Cell, typed: boolean): number {
  if (cell === null) return FIELD_NULL;
  if (typeof cell === "string") return typed ? FIELD_QUOTED : 0;
  return FIELD_NATIVE;
}

interface Bytes {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

function write(texts: readonly string[], flags: Uint8Array, typed: boolean): Bytes {
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const [field, text] of texts.entries()) {
    const isQuoted = typed && (flags[field] & FIELD_QUOTED) !== 0;
    const part = encoder.encode(isQuoted ? JSON.stringify(text) : text);
    const quote = isQuoted ? 1 : 0;
    starts[field] = at + quote;
    ends[field] = at + part.length - quote;
    parts.push(part);
    at += part.length;
  }
  const bytes = new Uint8Array(at);
  for (const [field, part] of parts.entries()) {
    bytes.set(part, flags[field] & FIELD_QUOTED && typed ? starts[field] - 1 : starts[field]);
  }
  return { bytes, starts, ends };
}
