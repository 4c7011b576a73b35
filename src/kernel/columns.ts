/** Describes columns to the kernel: rules as structures in its memory (assembly/column.ts). */
import type { ByteRule, ByteValue, FieldRule, Word } from "../row/byte_rule.ts";
import { automatonsOf } from "./automatons.ts";
import {
  BINARY_TYPE,
  type BinaryType,
  COLUMN,
  HASHING,
  KIND,
  MISSING,
  RECALL,
  WORD,
} from "./contract.ts";
import type { Kernel } from "./instance.ts";
import { describeNotation } from "./notation.ts";
import { storeSteps } from "./steps.ts";
import { type FieldValues, storeStructures } from "./structures.ts";

/** How the written bytes of a key's value are hashed; null if the kernel can't hash them. */
export type Hashing = "folded" | "plain" | null;

export interface DescribedColumn {
  /** Null if the caller writes the column. */
  readonly rule: ByteRule | null;
  /** The rule's constant, or the one for missing values, as COPY gets it. */
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
  const lists = new WordLists(kernel);
  return storeStructures(
    kernel,
    COLUMN,
    columns.map((column) => ({
      ...described(kernel, column, lists),
      recall: storeRecall(kernel, column.recalledBy ?? null, bytes),
    })),
  );
}

function storeRecall(kernel: Kernel, fields: readonly number[] | null, bytes: number): number {
  if (fields === null) return 0;
  const slotCount = 2 ** Math.floor(Math.log2(bytes / BYTES_A_SLOT));
  const slots = kernel.allocate(4 * slotCount);
  kernel.bytes.fill(0, slots, slots + 4 * slotCount);
  return storeStructures(kernel, RECALL, [{
    fields: storeFields(kernel, fields),
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

function storeFields(kernel: Kernel, fields: readonly number[]): number {
  const list = kernel.allocate(4 * fields.length);
  new Uint32Array(kernel.bytes.buffer, list, fields.length).set(fields);
  return list;
}

const BY_CALLER: FieldValues<typeof COLUMN> = {
  kind: KIND.caller,
  plainField: -1,
  fields: 0,
  fieldCount: 0,
  separator: 0,
  separatorLength: 0,
  isChanged: false,
  keepsQuotes: false,
  trim: false,
  missing: MISSING.caller,
  nullsUnquoted: false,
  nulls: 0,
  nullCount: 0,
  longestNull: -1,
  steps: 0,
  stepCount: 0,
  patterns: 0,
  patternCount: 0,
  emptyIsNull: false,
  words: 0,
  wordCount: 0,
  minLength: 0,
  maxLength: 0,
  longestWritten: 0,
  value: 0,
  valueLength: 0,
  hashing: HASHING.caller,
  type: BINARY_TYPE.none,
  recall: 0,
  asks: false,
  isAscii: false,
  isPlain: false,
  decimal: 0,
  thousands: 0,
  formats: 0,
  formatCount: 0,
  lowest: 0,
  highest: 0,
};

function described(
  kernel: Kernel,
  column: DescribedColumn,
  lists: WordLists,
): FieldValues<typeof COLUMN> {
  const { rule, constant = null, hashing = null, type = BINARY_TYPE.none } = column;
  if (rule === null || (rule.kind === "constant" && constant === null)) return BY_CALLER;
  const written = {
    value: constant === null ? 0 : kernel.store(constant),
    valueLength: constant?.length ?? 0,
  };
  if (rule.kind === "constant") return { ...BY_CALLER, ...written, kind: KIND.constant };
  const { value } = rule;
  const separator = encoder.encode(rule.separator);
  return {
    ...BY_CALLER,
    ...written,
    kind: KIND[value.kind],
    plainField: isChanged(rule) || rule.patterns.length > 0 ? -1 : rule.fields[0],
    fields: storeFields(kernel, rule.fields),
    fieldCount: rule.fields.length,
    separator: separator.length === 0 ? 0 : kernel.store(separator),
    separatorLength: separator.length,
    isChanged: isChanged(rule),
    keepsQuotes: rule.keepsQuotes,
    trim: rule.trim,
    missing: MISSING[missing(rule, constant)],
    steps: storeSteps(kernel, rule.steps, (value) => storeConversion(kernel, lists, value)),
    stepCount: rule.steps.length,
    patterns: automatonsOf(kernel, rule.patterns),
    patternCount: rule.patterns.length,
    emptyIsNull: rule.emptyIsNull,
    nullsUnquoted: rule.nullsUnquoted,
    nulls: lists.store(rule.nulls.map((word) => [word, ""])),
    nullCount: rule.nulls.length,
    longestNull: Math.max(-1, ...rule.nulls.map((word) => encoder.encode(word).length)),
    ...describeWords(lists, value),
    minLength: Math.min(rule.minLength, MAX_MIN_LENGTH),
    maxLength: Math.min(rule.maxLength, isAsItIs(value) ? rule.longestWritten : MAX_U32, MAX_U32),
    longestWritten: Math.min(rule.longestWritten, MAX_U32),
    hashing: HASHING[hashing ?? "caller"],
    type,
    isAscii: !isAsItIs(value),
    ...describeNotation(kernel, value),
  };
}

/** A step reads the text as a column of such values would. */
function storeConversion(kernel: Kernel, lists: WordLists, value: ByteValue): number {
  return storeStructures(kernel, COLUMN, [{
    ...BY_CALLER,
    kind: KIND[value.kind],
    ...describeWords(lists, value),
    ...describeNotation(kernel, value),
  }]);
}

function describeWords(lists: WordLists, value: ByteValue) {
  const words = value.kind === "words" || value.kind === "one_of" ? value.words : [];
  return { words: lists.store(words), wordCount: words.length };
}

/** Is the text written? */
function isAsItIs({ kind }: ByteValue): boolean {
  return kind === "text" || kind === "one_of" || kind === "json";
}

function isChanged({ fields, steps }: FieldRule): boolean {
  return fields.length > 1 || steps.length > 0;
}

/** A constant that has no form in the row format is written by the caller. */
function missing({ missing }: FieldRule, constant: Uint8Array | null): keyof typeof MISSING {
  if (missing === "null") return "nothing";
  return missing === "text path" || constant === null ? "caller" : "constant";
}

/** Lists of words, each with the text that is written for it. Many columns have the same one. */
class WordLists {
  readonly #kernel: Kernel;
  readonly #places = new Map<string, number>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  store(words: readonly Word[]): number {
    const name = JSON.stringify(words);
    const place = this.#places.get(name) ?? this.#storeNew(words);
    this.#places.set(name, place);
    return place;
  }

  #storeNew(words: readonly Word[]): number {
    const kernel = this.#kernel;
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
}
