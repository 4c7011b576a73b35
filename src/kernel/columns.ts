/** Describes columns to the kernel: rules as structures in its memory (assembly/column.ts). */
import type { ByteRule, ByteValue } from "../row/byte_rule.ts";
import type { Kernel } from "./instance.ts";

/** Sizes of the structures in bytes, and where their fields lie. */
const COLUMN_BYTES = 80, WORD_BYTES = 16, KEY_BYTES = 12;

const KINDS: Readonly<Record<ByteValue["kind"] | "caller" | "constant", number>> = {
  caller: 0,
  text: 1,
  one_of: 2,
  words: 3,
  integer: 4,
  decimal: 5,
  email: 6,
  date: 7,
  timestamp: 8,
  uuid: 9,
  constant: 10,
};

/** How the written bytes of a key's value are hashed; null: the kernel can't. */
export type Hashing = "folded" | "plain" | null;
const HASHINGS = { folded: 1, plain: 2 };

export interface DescribedColumn {
  /** Null: the caller writes it. */
  readonly rule: ByteRule | null;
  /** For a rule that is a constant: the column as COPY gets it. */
  readonly constant?: Uint8Array | null;
  /** For COPY's binary format: the kernel's number for the type of the table's column. */
  readonly type?: number;
  readonly hashing?: Hashing;
}

const encoder = new TextEncoder();
const MAX_U32 = 0xffff_ffff;
/** Four times as many bytes must be a number of 32 bits; no record has so many characters. */
const MAX_MIN_LENGTH = 0x3fff_ffff;

/** Returns where the columns lie, one behind the other. */
export function describeColumns(kernel: Kernel, columns: readonly DescribedColumn[]): number {
  const place = kernel.allocate(columns.length * COLUMN_BYTES);
  kernel.bytes.fill(0, place, place + columns.length * COLUMN_BYTES);
  for (const [index, column] of columns.entries()) {
    describe(kernel, place + index * COLUMN_BYTES, column);
  }
  return place;
}

export interface DescribedKey {
  readonly columns: readonly DescribedColumn[];
  readonly nullsEqual: boolean;
}

/** Returns where the keys lie, one behind the other. */
export function describeKeys(kernel: Kernel, keys: readonly DescribedKey[]): number {
  const place = kernel.allocate(keys.length * KEY_BYTES);
  for (const [index, { columns, nullsEqual }] of keys.entries()) {
    const described = describeColumns(kernel, columns);
    const view = viewOf(kernel, place + index * KEY_BYTES);
    view.setUint32(0, described, true);
    view.setUint32(4, columns.length, true);
    view.setUint32(8, nullsEqual ? 1 : 0, true);
  }
  return place;
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

function describe(kernel: Kernel, place: number, column: DescribedColumn): void {
  const { rule, constant = null, hashing = null, type = 0 } = column;
  if (rule === null || (rule.kind === "constant" && constant === null)) {
    viewOf(kernel, place).setUint32(0, KINDS.caller, true);
    return;
  }
  const number = (offset: number, value: number) =>
    viewOf(kernel, place).setUint32(offset, value, true);
  if (rule.kind === "constant") {
    if (constant === null) return;
    number(0, KINDS.constant);
    number(40, kernel.store(constant));
    number(44, constant.length);
    return;
  }
  const { value } = rule;
  number(0, KINDS[value.kind]);
  number(4, rule.field);
  number(8, rule.trim ? 1 : 0);
  number(12, rule.nullPasses ? 1 : 0);
  number(16, storeWords(kernel, rule.nulls.map((word) => [word, ""])));
  number(20, rule.nulls.length);
  const lengths = rule.nulls.map((word) => encoder.encode(word).length);
  viewOf(kernel, place).setInt32(24, Math.max(-1, ...lengths), true);
  number(36, Math.min(rule.maxLength, MAX_U32));
  number(48, hashing === null ? 0 : HASHINGS[hashing]);
  number(56, type);
  if (value.kind === "text") number(52, Math.min(value.minLength, MAX_MIN_LENGTH));
  if (value.kind === "words" || value.kind === "one_of") {
    number(28, storeWords(kernel, value.words));
    number(32, value.words.length);
  }
  if (value.kind === "integer" || value.kind === "decimal") {
    viewOf(kernel, place).setFloat64(64, value.bounds.lowest, true);
    viewOf(kernel, place).setFloat64(72, value.bounds.highest, true);
  }
}

/** Words with what is written for each. */
function storeWords(kernel: Kernel, words: readonly (readonly [string, string])[]): number {
  const place = kernel.allocate(words.length * WORD_BYTES);
  for (const [index, word] of words.entries()) {
    for (const [part, text] of word.entries()) {
      const bytes = encoder.encode(text);
      const stored = kernel.store(bytes);
      const view = viewOf(kernel, place + index * WORD_BYTES + part * 8);
      view.setUint32(0, stored, true);
      view.setUint32(4, bytes.length, true);
    }
  }
  return place;
}

/** Made anew each time: storing something may have moved the memory. */
function viewOf(kernel: Kernel, place: number): DataView {
  return new DataView(kernel.bytes.buffer, place);
}
