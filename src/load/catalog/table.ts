/** The target table as the catalog describes it, as far as the stages need to know. */
import type { ChildTableOf, LinkTableOf } from "./link_table.ts";
import type { FoundLookup, NoLookupTable } from "./lookup_table.ts";
import type { AbsentFacts } from "./absent_facts.ts";
import type { TableColumn } from "./table_column.ts";

export type { TableColumn } from "./table_column.ts";

export interface UniqueIndex {
  /** Also the constraint's name, if it has one. */
  readonly name: string;
  /** The names of its partitions' indexes. Postgres's errors mention those. */
  readonly partitionNames?: readonly string[];
  readonly primary: boolean;
  /** Null if an expression is part of it. */
  readonly columns: readonly string[] | null;
  readonly partial: boolean;
  /** Of a partial index: which rows it holds, in SQL, using the table's column names. */
  readonly predicate: string | null;
  readonly nullsNotDistinct: boolean;
  readonly deferrable: boolean;
  /** For each column: see comparison.ts. */
  readonly equal?: readonly string[];
  readonly collate?: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** SQL: where Postgres looks for the referenced row. It ignores tables that inherit. */
  readonly referencedRows: string;
  readonly referencedName: string;
  /** In the order of `columns`. */
  readonly referencedColumns: readonly string[];
  /** For each column, with the referenced one on the left: see comparison.ts. */
  readonly equal?: readonly string[];
  readonly collate?: readonly string[];
  /** To the table itself, or to another one of the same run: what it refers to may still come. */
  readonly toItself: boolean;
  /** Of the table that it refers to. */
  readonly referencedOid?: number;
  /**
   * Looking into the referenced table doesn't tell whether a row satisfies the key: we may not see
   * what Postgres sees there, Postgres may not check at all, or it may check more than equality.
   */
  readonly opaque: boolean;
}

export interface CheckConstraint {
  readonly name: string;
  /** Null if it refers to the row as a whole. */
  readonly columns: readonly string[] | null;
  /** In SQL, using the table's column names. */
  readonly expression: string;
}

export type LinkTable = LinkTableOf<Table>;
export type ChildTable = ChildTableOf<Table>;
export type FoundChildren = ChildTable | NoLookupTable;
export type FoundLinks = LinkTable | NoLookupTable;

export interface Table {
  /** All tables of a run that has several, this one first. Missing: it is the only one. */
  readonly routes?: readonly Table[];
  readonly oid: number;
  /** By column: where the definition looks its values up. Missing: nowhere, or not read. */
  readonly lookups?: Readonly<Record<string, FoundLookup>>;
  /** In the order of the definition's `many`: the pivot tables. Missing: none, or not read. */
  readonly related?: readonly FoundLinks[];
  /** Read if the definition says what becomes of rows that its file doesn't have. */
  readonly absent?: AbsentFacts;
  /** In the order of the definition's `nested`. Missing: none, or not read. */
  readonly children?: readonly FoundChildren[];
  /** What the catalog held about it: see src/ledger/table_fingerprint.ts. Not read for `check`. */
  readonly fingerprint?: string | null;
  readonly schema: string;
  readonly name: string;
  readonly partitioned: boolean;
  /** The name of a partition that is a foreign table, if there is one. Its rows have no `xmin`. */
  readonly foreignPartition?: string | null;
  readonly columns: readonly TableColumn[];
  readonly uniqueIndexes: readonly UniqueIndex[];
  readonly foreignKeys: readonly ForeignKey[];
  /** In the order in which Postgres checks them. */
  readonly checks: readonly CheckConstraint[];
  readonly hasExclusionConstraint: boolean;
  /** BEFORE ROW triggers on INSERT: they may change a row, or take it (`taken_rows.ts`). */
  readonly hasBeforeInsertTriggers: boolean;
  /** One of them updates or deletes rows, so what it does depends on the rows before. */
  readonly triggersChangeRows?: boolean;
  /** The same for UPDATE. An update may also move a row to another partition. */
  readonly hasBeforeUpdateTriggers: boolean;
  /**
   * Triggers of any kind, foreign keys that follow an update, and functions that the table calls
   * (`called_functions.ts`): they may write other rows of it.
   */
  readonly mayWriteMore?: boolean;
  /** Made by CREATE RULE: a rule may replace a statement with another. */
  readonly hasRules: boolean;
  /** Rules for INSERT or UPDATE. COPY ignores them. */
  readonly hasInsertRules?: boolean;
  readonly hasUpdateRules?: boolean;
  /** If true, Postgres refuses COPY. */
  readonly rowLevelSecurity: boolean;
  /** The role may read all columns, and so those of the system, such as `xmin`. If missing, it may. */
  readonly mayReadRows?: boolean;
  /** Who we are, and in which database: for messages. */
  readonly role?: string;
  readonly database?: string;
  /**
   * The schema in which the role may create a staging table; null if there is none. If missing, it
   * is that of temporary tables.
   */
  readonly stageSchema?: string | null;
  /** The role itself may not create it: a function of ingest's does (0012_stages.sql). */
  readonly stagesByFunction?: boolean;
}
