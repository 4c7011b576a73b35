/** A notation of values, for notations_test.ts. */
import type fc from "fast-check";
import type { ColumnRule } from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";

export interface Notation {
  readonly rules: Partial<ColumnRule>;
  readonly target?: TableColumn;
  readonly near: fc.Arbitrary<string>;
  /** What COPY's binary format can hold: such values are encoded once more without all others. */
  readonly binary?: RegExp;
  /** The kernel writes these without its caller: the text, and what becomes of it. */
  readonly certain: Readonly<Record<string, string>>;
}
