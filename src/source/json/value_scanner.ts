/**
 * Reads one JSON value, as RFC 8259 has it, and notes where the fields of a record are in it. Nothing
 * is decoded but keys. Without recursion, because a file may nest values as deeply as it likes.
 */
import { FIELD_ESCAPED, FIELD_NOT_ASCII, FIELD_NULL, FIELD_QUOTED } from "../record.ts";
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isBlank,
  LF,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from "./bytes.ts";
import { decodeKey } from "./decode.ts";
import type { PathNode, PathTree } from "./path_tree.ts";
import type { Problem } from "./problem.ts";
import { passNumber, passString, passWord, RAN_OUT, ScalarProblem } from "./scalars.ts";

export const WHOLE = 0;
/** The bytes end in the middle of the value. */
export const CUT = 1;
/** It is no JSON. */
export const BROKEN = 2;

/** What comes next. */
const VALUE = 0, FIRST_ITEM = 1, FIRST_KEY = 2, KEY = 3, AFTER = 4;

export interface Fields {
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly flags: Uint8Array;
}

export class ValueScanner {
  /** Index after the value; if it is broken, where that shows. */
  end = 0;
  /** Line ends in the value. */
  lines = 0;
  problem: Problem | null = null;
  /** The value has bytes beyond ASCII. */
  isWide = false;
  /** A key of which the value has two, if one of them leads to a field. */
  repeated: string | null = null;
  /** Keys of the value that no field is in. */
  readonly others: string[] = [];

  readonly #tree: PathTree | null;
  readonly #fields: Fields | null;
  readonly #listsAll: boolean;
  /** One byte for each level: 1 for an object. */
  #kinds = new Uint8Array(64);
  /** Of the levels that paths reach. */
  readonly #nodes: (PathNode | null)[] = [];
  readonly #starts: number[] = [];
  readonly #positions: number[] = [];
  readonly #scalar = new ScalarProblem();
  #record = 0;

  /** `listsAll`: also those among `others` that fields are in, deeper down. */
  constructor(
    tree: PathTree | null = null,
    fields: Fields | null = null,
    listsAll = false,
  ) {
    this.#tree = tree;
    this.#fields = fields;
    this.#listsAll = listsAll;
  }

  /** Was there a value at this node in the value read last? */
  hasSeen(node: PathNode): boolean {
    return node.seen === this.#record;
  }

  /** Reads the value that begins at `start`. `final`: nothing comes after the limit. */
  scan(bytes: Uint8Array, start: number, limit: number, final: boolean): number {
    this.lines = 0;
    this.problem = null;
    this.isWide = false;
    this.repeated = null;
    this.others.length = 0;
    if (this.#tree !== null) this.#record = ++this.#tree.records;
    const deepest = this.#tree?.depth ?? -1;
    let node: PathNode | null = this.#tree?.root ?? null;
    let depth = 0;
    let next = VALUE;
    let i = start;
    for (;;) {
      if (next === AFTER && depth === 0) {
        this.end = i;
        return WHOLE;
      }
      while (i < limit && isBlank(bytes[i])) {
        if (bytes[i] === LF) this.lines++;
        i++;
      }
      if (i >= limit) return this.#stop(limit, final, "ends");
      const byte = bytes[i];
      if (next === AFTER) {
        const isObject = this.#kinds[depth - 1] === 1;
        if (byte === COMMA) {
          i++;
          next = isObject ? KEY : VALUE;
          if (!isObject) node = depth <= deepest ? this.#nextItem(depth - 1) : null;
          continue;
        }
        if (byte !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
          const isOther = byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;
          return this.#stop(i, true, isOther ? "bracket" : byte === 0x2f ? "comment" : "comma");
        }
      } else if (next === KEY || next === FIRST_KEY) {
        if (byte === QUOTE) {
          const key = i;
          i = passString(bytes, i + 1, limit, this.#scalar);
          if (i < 0) return this.#stopScalar(i, limit, final);
          this.isWide ||= this.#scalar.isWide;
          const isEscaped = this.#scalar.isEscaped;
          const keyEnd = i - 1;
          while (i < limit && isBlank(bytes[i])) {
            if (bytes[i] === LF) this.lines++;
            i++;
          }
          if (i >= limit) return this.#stop(limit, final, "ends");
          if (bytes[i] !== COLON) return this.#stop(i, true, "colon");
          i++;
          const parent = depth <= deepest ? this.#nodes[depth - 1] : null;
          node = parent && this.#member(bytes, key + 1, keyEnd, isEscaped, parent);
          next = VALUE;
          continue;
        }
        if (byte !== CLOSE_OBJECT) {
          return this.#stop(
            i,
            true,
            byte === 0x27 ? "apostrophe" : byte === 0x2f ? "comment" : "key",
          );
        }
        if (next === KEY) return this.#stop(i, true, "trailingComma");
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (depth === this.#kinds.length) this.#grow();
        this.#kinds[depth] = byte === OPEN_OBJECT ? 1 : 0;
        if (depth < deepest + 1) {
          this.#nodes[depth] = node;
          this.#starts[depth] = i;
          this.#positions[depth] = -1;
        }
        depth++;
        i++;
        next = byte === OPEN_OBJECT ? FIRST_KEY : FIRST_ITEM;
        node = next === FIRST_ITEM && depth <= deepest ? this.#nextItem(depth - 1) : null;
        continue;
      } else if (byte !== CLOSE_ARRAY || depth === 0) {
        const from = i;
        let flags = 0;
        if (byte === QUOTE) {
          i = passString(bytes, i + 1, limit, this.#scalar);
          if (i < 0) return this.#stopScalar(i, limit, final);
          this.isWide ||= this.#scalar.isWide;
          flags = FIELD_QUOTED | (this.#scalar.isEscaped ? FIELD_ESCAPED : 0) |
            (this.#scalar.isWide ? FIELD_NOT_ASCII : 0);
        } else {
          i = byte === 0x2d || (byte >= 0x30 && byte <= 0x39)
            ? passNumber(bytes, i, limit, final, this.#scalar)
            : passWord(bytes, i, limit, final, this.#scalar);
          if (i < 0) return this.#stopScalar(i, limit, final);
          if (byte === 0x6e) flags = FIELD_NULL;
        }
        if (node !== null && node.field >= 0) this.#put(node.field, from, i, flags);
        next = AFTER;
        continue;
      } else if (next === VALUE) {
        return this.#stop(i, true, "trailingComma");
      }
      // The innermost level ends here.
      i++;
      depth--;
      if (depth <= deepest) {
        const closed = this.#nodes[depth];
        if (closed !== null && closed.field >= 0) {
          this.#put(closed.field, this.#starts[depth], i, this.isWide ? FIELD_NOT_ASCII : 0);
        }
      }
      next = AFTER;
    }
  }

  #put(field: number, from: number, to: number, flags: number): void {
    const fields = this.#fields!;
    const isQuoted = (flags & FIELD_QUOTED) !== 0;
    fields.start[field] = isQuoted ? from + 1 : from;
    fields.end[field] = (flags & FIELD_NULL) !== 0 ? from : isQuoted ? to - 1 : to;
    fields.flags[field] = flags;
  }

  /** The node of a key's value. */
  #member(
    bytes: Uint8Array,
    from: number,
    to: number,
    isEscaped: boolean,
    parent: PathNode,
  ): PathNode | null {
    const isRoot = parent === this.#tree?.root;
    if (parent.keys === null && !isRoot) return null;
    const key = decodeKey(bytes, from, to, isEscaped);
    const node = parent.keys?.get(key) ?? null;
    if (isRoot && (node === null || (this.#listsAll && node.field < 0))) this.others.push(key);
    if (node === null) return null;
    if (node.seen === this.#record) this.repeated ??= key;
    node.seen = this.#record;
    return node;
  }

  #nextItem(level: number): PathNode | null {
    const node = this.#nodes[level];
    const position = ++this.#positions[level];
    const item = node?.items?.get(position) ?? null;
    if (item !== null) item.seen = this.#record;
    return item;
  }

  #stop(at: number, isCertain: boolean, problem: Problem): number {
    this.end = at;
    this.problem = problem;
    return isCertain ? BROKEN : CUT;
  }

  #stopScalar(result: number, limit: number, final: boolean): number {
    if (result === RAN_OUT) return this.#stop(limit, final, "ends");
    return this.#stop(this.#scalar.at, true, this.#scalar.problem);
  }

  #grow(): void {
    const kinds = new Uint8Array(2 * this.#kinds.length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }
}
