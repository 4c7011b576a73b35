/** Describes columns to the kernel: rules as structures in its memory (assembly/column.ts). */
import type { ByteRule, Word } from "../row/byte_rule.ts";
import {
  BINARY_TYPE,
  type BinaryType,
  COLUMN,
  HASHING,
  KEY,
  KIND,
  RECALL,
  WORD,
} from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { type FieldValues, storeStructures } from "./structures.ts";

/** How the written bytes of a key's value are hashed; null if the kernel can't hash them. */
export type Hashing = "folded" | "plain" | null;

export interface DescribedColumn {
  /** Null if the caller writes the column. */
  readonly rule: ByteRule | null;
  /** If the rule is a constant: the column as COPY gets it. */
  readonly constant?: Uint8Array | null;
  /** For COPY's binary format: the type of the table's column. */
  readonly type?: BinaryType;
  readonly hashing?: Hashing;
  /** What the caller writes is recalled by these fields' bytes, on which alone it depends. */
  readonly recalledBy?: readonly number[] | null;
}

const encoder = new TextEncoder();
const MAX_U32 = 0xffff_ffff;
/** Four times this must fit into 32 bits. No record has this many characters. */
const MAX_MIN_LENGTH = 0x3fff_ffff;

/** The most bytes of values that are recalled, of a column and of all together. */
const RECALLED_BYTES = 512 * 1024, ALL_RECALLED_BYTES = 4 * 1024 * 1024;
/** A small entry has as many. */
const BYTES_A_SLOT = 32;

/** Returns the place of the columns, which lie one after the other. */
export function describeColumns(kernel: Kernel, columns: readonly DescribedColumn[]): number {
  const recalled = columns.filter(({ recalledBy = null }) => recalledBy !== null).length;
  const bytes = Math.min(RECALLED_BYTES, ALL_RECALLED_BYTES / recalled);
  return storeStructures(
    kernel,
    COLUMN,
    columns.map((column) => ({
      ...described(kernel, column),
      recall: storeRecall(kernel, column.recalledBy ?? null, bytes),
    })),
  );
}

function storeRecall(kernel: Kernel, fields: readonly number[] | null, bytes: number): number {
  if (fields === null) return 0;
  const list = kernel.allocate(4 * fields.length);
  new Uint32Array(kernel.bytes.buffer, list, fields.length).set(fields);
  const slotCount = 2 ** Math.floor(Math.log2(bytes / BYTES_A_SLOT));
  const slots = kernel.allocate(4 * slotCount);
  kernel.bytes.fill(0, slots, slots + 4 * slotCount);
  return storeStructures(kernel, RECALL, [{
    fields: list,
    fieldCount: fields.length,
    slots,
    slotCount,
    entries: kernel.allocate(bytes),
    entryBytes: Math.floor(bytes),
    used: 0,
    lookups: 0,
    hits: 0,
    isOff: false,
  }]);
}

export interface DescribedKey {
  readonly columns: readonly DescribedColumn[];
  readonly nullsEqual: boolean;
}

/** Returns the place of the keys, which lie one after the other. */
export function describeKeys(kernel: Kernel, keys: readonly DescribedKey[]): number {
  const list = keys.map(({ columns, nullsEqual }) => ({
    nullsEqual,
    columns: describeColumns(kernel, columns),
    columnCount: columns.length,
  }));
  return storeStructures(kernel, KEY, list);
}

/** How many bytes a row may need beyond twice its record. */
export function spareBytes(columns: readonly DescribedColumn[]): number {
  const longest = columns.map(({ rule, constant }) => {
    if (rule?.kind === "constant") return constant?.length ?? 0;
    const meanings = rule?.kind === "field" && rule.value.kind === "words" ? rule.value.words : [];
    return Math.max(2, ...meanings.map(([, meaning]) => meaning.length));
  });
  return longest.reduce((sum, length) => sum + length + 1, 0);
}

const BY_CALLER: FieldValues<typeof COLUMN> = {
  kind: KIND.caller,
  field: 0,
  trim: false,
  nullPasses: false,
  nullsUnquoted: false,
  nulls: 0,
  nullCount: 0,
  longestNull: -1,
  words: 0,
  wordCount: 0,
  maxLength: 0,
  value: 0,
  valueLength: 0,
  hashing: HASHING.caller,
  minLength: 0,
  type: BINARY_TYPE.none,
  recall: 0,
  asks: false,
  lowest: 0,
  highest: 0,
};

function described(kernel: Kernel, column: DescribedColumn): FieldValues<typeof COLUMN> {
  const { rule, constant = null, hashing = null, type = BINARY_TYPE.none } = column;
  if (rule === null || (rule.kind === "constant" && constant === null)) return BY_CALLER;
  if (rule.kind === "constant") {
    const bytes = constant ?? new Uint8Array(0);
    return {
      ...BY_CALLER,
      kind: KIND.constant,
      value: kernel.store(bytes),
      valueLength: bytes.length,
    };
  }
  const { value } = rule;
  const words = value.kind === "words" || value.kind === "one_of" ? value.words : [];
  const isNumber = value.kind === "integer" || value.kind === "decimal";
  return {
    ...BY_CALLER,
    kind: KIND[value.kind],
    field: rule.field,
    trim: rule.trim,
    nullPasses: rule.nullPasses,
    nullsUnquoted: rule.nullsUnquoted,
    nulls: storeWords(kernel, rule.nulls.map((word) => [word, ""])),
    nullCount: rule.nulls.length,
    longestNull: Math.max(-1, ...rule.nulls.map((word) => encoder.encode(word).length)),
    words: storeWords(kernel, words),
    wordCount: words.length,
    maxLength: Math.min(rule.maxLength, MAX_U32),
    hashing: HASHING[hashing ?? "caller"],
    minLength: value.kind === "text" ? Math.min(value.minLength, MAX_MIN_LENGTH) : 0,
    type,
    lowest: isNumber ? value.bounds.lowest : 0,
    highest: isNumber ? value.bounds.highest : 0,
  };
}

/** Stores words, each with the text that is written for it. */
function storeWords(kernel: Kernel, words: readonly Word[]): number {
  const list = words.map((word) => {
    const [text, meaning] = word.map((part) => encoder.encode(part));
    return {
      bytes: kernel.store(text),
      length: text.length,
      meaning: kernel.store(meaning),
      meaningLength: meaning.length,
    };
  });
  return storeStructures(kernel, WORD, list);
}
