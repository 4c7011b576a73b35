/** Hashes a row's keys, with the values that the table will hold. */
import type { CopyWriter } from "../row/copy_writer.ts";
import type { RowError } from "../row/outcome.ts";
import type { ColumnProgram } from "../row/pipeline.ts";
import type { TableColumn } from "../load/catalog/table.ts";
import type { RecordCursor } from "../source/record.ts";
import type { Hashing } from "../kernel/columns.ts";
import type { DescribedKey } from "../kernel/described_keys.ts";
import { KeyHash } from "../kernel/key_hash.ts";
import type { Hashes } from "../kernel/hashed_keys.ts";
import { type Canonicalise, LOCAL_TIME, NAMED_ZONE, ZONED_TIME } from "./canonical.ts";

/** A row's hashes for its keys. */
export interface KeyHashes extends Hashes {
  /**
   * The rows so far mix times with and without a zone in one key column, or name a zone. Whether two
   * such times are equal is known to Postgres only, so from here on every row may repeat a key.
   */
  ambiguous: boolean;
}

/** A row's keys as texts. Rows that share a key share its text. */
export function keyTexts({ words, present }: Hashes): string[] {
  const texts: string[] = [];
  for (let key = 0; key < present.length; key++) {
    if (present[key] !== 0) texts.push(`${key} ${words[2 * key]} ${words[2 * key + 1]}`);
  }
  return texts;
}

export interface KeyColumn {
  readonly program: ColumnProgram;
  readonly canonicalise: Canonicalise;
  /** How the written bytes themselves can be hashed; null if they can't be. */
  readonly hashing: Hashing;
  /** A form no coarser than Postgres's equality, for naming the row that a row repeats. */
  readonly exactly: Canonicalise;
  /** For a timestamptz, which forms of time were seen. Null for all other types. */
  readonly times: { local: boolean; zoned: boolean } | null;
}

export interface Key {
  readonly names: readonly string[];
  readonly columns: readonly KeyColumn[];
  /** NULLs are equal, like any other value. */
  readonly nullsEqual: boolean;
  /** Which of several tables it belongs to. */
  readonly route?: number;
}

/** The place of the table that takes the row; null: none does. */
export type ChooseRoute = (record: RecordCursor) => number | null;

export class KeyHasher {
  readonly #keys: readonly Key[];
  readonly #scratch: CopyWriter;
  readonly #errors: RowError[] = [];
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #hash = new KeyHash();
  readonly #hashes: KeyHashes;
  readonly #choose: ChooseRoute | null;

  /** `choose`: if rows go into several tables. Then a row has only the keys of its own. */
  constructor(keys: readonly Key[], scratch: CopyWriter, choose: ChooseRoute | null = null) {
    this.#keys = keys;
    this.#choose = choose;
    this.#scratch = scratch;
    this.#hashes = {
      words: new Int32Array(2 * keys.length),
      present: new Uint8Array(keys.length),
      ambiguous: false,
    };
  }

  /**
   * The keys of several tables, of which each row has only those of the one that takes it. So rows of
   * different tables never share a key.
   */
  static ofRoutes(
    hashers: readonly (KeyHasher | null)[],
    scratch: CopyWriter,
    choose: ChooseRoute,
  ): KeyHasher {
    const keys = hashers.flatMap((hasher, route) =>
      hasher === null ? [] : hasher.#keys.map((key) => ({ ...key, route }))
    );
    return new KeyHasher(keys, scratch, choose);
  }

  /**
   * The description of the keys for the kernel, which hashes by itself what it can. It doesn't know which
   * table takes a row.
   */
  get described(): readonly DescribedKey[] {
    const isRouted = this.#choose !== null;
    return this.#keys.map(({ columns, nullsEqual }) => ({
      nullsEqual,
      columns: columns.map(({ program, hashing }) => ({
        rule: isRouted ? null : program.bytes,
        hashing,
      })),
    }));
  }

  /** What the keys are made of, whatever columns the file has besides. */
  get summary(): readonly unknown[] {
    return this.#keys.map(({ names, columns, nullsEqual, route }) => ({
      names,
      types: columns.map(({ program }) => program.column.baseType),
      nullsEqual,
      ...route !== undefined && { route },
    }));
  }

  get keyCount(): number {
    return this.#keys.length;
  }

  /** Have the rows so far mixed forms of time? See KeyHashes. */
  get ambiguous(): boolean {
    return this.#hashes.ambiguous;
  }

  /** The columns of the key with this number. */
  names(key: number): readonly string[] {
    return this.#keys[key].names;
  }

  /** Hashes the current record's keys; the next call overwrites what this one returns. */
  hash(record: RecordCursor): KeyHashes {
    const route = this.#choose?.(record);
    for (let key = 0; key < this.#keys.length; key++) {
      const isOwn = this.#keys[key].route === route;
      this.#hashes.present[key] = isOwn && this.#hashKey(record, key, false) ? 1 : 0;
    }
    return this.#hashes;
  }

  /**
   * A hash of the current record's value for one key that is the same only for values that Postgres
   * takes as equal; null if it has no value. Overwrites that key's part of the result of `hash`.
   */
  exactHash(record: RecordCursor, key: number): string | null {
    if (!this.#hashKey(record, key, true)) return null;
    const { words } = this.#hashes;
    return `${key} ${words[2 * key]} ${words[2 * key + 1]}`;
  }

  #hashKey(record: RecordCursor, index: number, exact: boolean): boolean {
    const { columns, nullsEqual } = this.#keys[index];
    const hash = this.#hash;
    hash.begin(index);
    for (const column of columns) {
      this.#scratch.truncate(0);
      this.#errors.length = 0;
      column.program.write(record, this.#scratch, this.#errors);
      // The row fails its own checks and never gets into the table.
      if (this.#errors.length > 0) return false;
      const text = this.#decoder.decode(this.#scratch.view());
      if (text === NULL) {
        // The table's DEFAULT: another one for each row, or the same as a value of another row.
        if (column.program.takesDefault) {
          if (!isVarying(column.program.column)) this.#hashes.ambiguous = true;
          return false;
        }
        if (!nullsEqual) return false;
        hash.addNull();
      } else if (exact) {
        hash.addText(column.exactly(text));
      } else {
        const canonical = column.hashing === "plain" ? text : column.canonicalise(text);
        if (column.times !== null) this.#noteTime(column.times, canonical);
        hash.addText(canonical);
      }
    }
    hash.end(this.#hashes.words, 2 * index);
    return true;
  }

  #noteTime(times: { local: boolean; zoned: boolean }, text: string): void {
    const isNamed = text.startsWith(NAMED_ZONE);
    if (isNamed || text.startsWith(LOCAL_TIME)) times.local = true;
    if (isNamed || text.startsWith(ZONED_TIME)) times.zoned = true;
    if (times.local && times.zoned) this.#hashes.ambiguous = true;
  }
}

/** Is a DEFAULT different for each row, such as the next number of a sequence? */
function isVarying({ defaultExpression }: TableColumn): boolean {
  return /nextval|uuid|random|clock_timestamp|statement_timestamp/iu.test(defaultExpression ?? "");
}

/** As COPY writes it. */
const NULL = "\\N";
