/**
 * Files of one kind, such as the exports of a month, begin with the same header. One that has nothing but
 * plain rows below it is what the first one is: there is no need to look for what else it could be, which
 * takes several times as long as to read it.
 */
import { isUtf8 } from "node:buffer";
import { extname, resolve } from "node:path";
import type { SourceRule } from "../importer/source_rule.ts";
import { DELIMITERS } from "./csv/detect.ts";
import { PlainRows } from "./csv/plain_rows.ts";
import { SAMPLE_BYTES, utf8Marks } from "./encoding/encoding.ts";
import { readAnswer } from "./file/answer.ts";
import { readUpTo } from "./file/range.ts";
import { SourceError } from "./error.ts";
import type { OpenedSource, ResolvedSource } from "./resolved_source.ts";

const LF = 0x0a, CR = 0x0d;

export class Alike {
  readonly #source: ResolvedSource;
  readonly #extension: string;
  /** The first file's bytes before its rows. */
  readonly #head: Uint8Array;
  readonly #rows: PlainRows;

  private constructor(source: ResolvedSource, extension: string, head: Uint8Array) {
    const endsWithCr = head.at(-2) === CR;
    this.#source = source;
    this.#extension = extension;
    this.#head = head;
    // A row that repeats it has no byte order mark.
    const header = head.subarray(utf8Marks(head), head.length - (endsWithCr ? 2 : 1));
    const delimiter = source.format.type === "csv" ? source.format.delimiter.charCodeAt(0) : -1;
    this.#rows = new PlainRows(delimiter, source.header.length, endsWithCr, header);
  }

  /**
   * For files that may be like this one, which was opened with `rule`. `name`: what people call it. Null if it is unusual in any way,
   * or if the definition says something about rows that are no data.
   */
  static async to(
    { source, original }: OpenedSource,
    rule: SourceRule,
    name: string,
  ): Promise<Alike | null> {
    if (!isUsual(rule) || !isPlain(source, original.path)) return null;
    const head = await readUpTo(source.path, 0, source.data_start);
    // Then another delimiter would separate nothing.
    const text = new TextDecoder().decode(head);
    const others = [...DELIMITERS, "¦"].filter((delimiter) => text.includes(delimiter));
    const isClear = others.length === 0 || others.length === 1 && others[0] === delimiterOf(source);
    if (!isClear || text.includes("\\") || head.at(-1) !== LF) return null;
    return new Alike(source, extname(name), head);
  }

  /** Null if it has to be looked at more closely, also if it can't be opened. */
  async open(path: string, name: string): Promise<OpenedSource | null> {
    if (extname(name) !== this.#extension) return null;
    const original = resolve(path);
    const found = await readSmall(original);
    if (found === null) return null;
    const { bytes, mtime } = found;
    const size = bytes.length;
    const start = this.#head.length;
    if (size < start || !isUtf8(bytes) || !startsWith(bytes, this.#head)) return null;
    if (!this.#rows.are(bytes, start)) return null;
    return {
      source: { ...this.#source, path: original, size, mtime, data_end: size },
      identity: null,
      original: { path: original, size },
      isCut: false,
    };
  }
}

/** Nothing is said but the delimiter, and what values mean. */
function isUsual(rule: SourceRule): boolean {
  return rule.header === true && rule.skip_lines === 0 && (rule.skip_rows ?? []).length === 0 &&
    rule.when === undefined &&
    [rule.skip_footer, rule.skip_after_header].every((lines) => (lines ?? 0) === 0);
}

function isPlain(source: ResolvedSource, path: string): boolean {
  const { format, encoding, notes = [], unpacked, broken, header_line } = source;
  return format.type === "csv" && DELIMITERS.includes(format.delimiter) && format.quote === '"' &&
    format.newline === "lf" && format.escape === undefined && format.comment === undefined &&
    encoding === "utf-8" && header_line === 1 && notes.length === 0 &&
    unpacked === undefined && broken === undefined && source.path === path;
}

function delimiterOf({ format }: ResolvedSource): string | null {
  return format.type === "csv" ? format.delimiter : null;
}

/** All of a file that is small enough for a look at all of it. Null if it can't be read like that. */
async function readSmall(
  path: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; mtime: number | null } | null> {
  try {
    // A pipe would wait for whoever writes to it.
    const { isFile, size, mtime } = await readAnswer(path, Deno.stat(path));
    if (!isFile || size > SAMPLE_BYTES) return null;
    // One more, to see that it doesn't grow.
    const bytes = await readUpTo(path, 0, size + 1);
    return bytes.length === size ? { bytes, mtime: mtime?.getTime() ?? null } : null;
  } catch (error) {
    // Whoever looks more closely says what is wrong with it.
    const isGone = error instanceof Deno.errors.NotFound || error instanceof SourceError;
    if (isGone || error instanceof Deno.errors.PermissionDenied) return null;
    throw error;
  }
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return head.every((byte, i) => bytes[i] === byte);
}
