/** What a definition could say, before anybody has measured it. */
import type { DefinitionEdit } from "../../../importer/document/definition_edit.ts";
import type { ColumnRule } from "../../../importer/definition.ts";
import type { ForeignKey, Table, TableColumn } from "../../../load/catalog/table.ts";
import type { Suggested } from "../../../report/suggestion_schema.ts";
import type { ErrorCode } from "../../../row/outcome.ts";

export interface Candidate {
  /** Of the table; null: it is about how rows are read. */
  readonly column: string | null;
  readonly edits: readonly DefinitionEdit[];
  /** Other ways to read the values: a value that they read differently is ambiguous. */
  readonly rivals: readonly (readonly DefinitionEdit[])[];
  /** Another way to read the values of the candidate before: only people can choose. */
  readonly alternative?: boolean;
  /** What should be known before it is chosen. */
  readonly note?: string;
  /** The table has to change, not the definition. */
  readonly table?: TableChange;
  /** The value must be one of these, as the foreign key wants. */
  readonly among?: ReadonlySet<string>;
}

/** A limit of the table's column that is too narrow. */
export interface TableChange {
  readonly statement: string;
  /** The table as it is then. */
  readonly changed: Table;
}

/** A value that was refused, in the failed rows that were looked at first. */
export interface SeenValue {
  readonly text: string;
  /** In how many rows. */
  count: number;
  /** One of them. */
  readonly raw: Uint8Array;
  readonly row: number;
  readonly line: number;
}

/** What is known of a column whose values were refused. */
export interface RefusedColumn {
  readonly column: TableColumn;
  readonly rule: ColumnRule;
  readonly values: readonly SeenValue[];
  readonly codes: ReadonlySet<ErrorCode>;
  /** In characters, without blanks around it. */
  readonly longest: number;
  readonly shortest: number;
  /** How the checks name its type. */
  readonly messages: ReadonlySet<string>;
  /** Has any row got past it? Then values are read as they were, beside new notations. */
  readonly hasGood: boolean;
  /** Values of rows that are right, as the file has them: some of them, if the file is there. */
  readonly good: readonly string[];
  readonly foreignKey: ForeignKey | null;
  /** Values that the foreign key takes; null if that is not known. */
  readonly referenced: ReadonlySet<string> | null;
  readonly isKey: boolean;
}

/** A suggestion, and what to do for it. */
export interface Proposal {
  readonly candidate: Candidate;
  readonly suggested: Suggested;
}

/** Where the definitions are. */
export interface Importers {
  readonly importersFolder: string;
  readonly ownSchema: string;
}
