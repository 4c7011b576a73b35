/** The target table as the catalog describes it, as far as the stages need to know. */

export interface TableColumn {
  readonly name: string;
  /** `pg_attribute.attnum`: a column that takes another one's name has another number. */
  readonly number?: number;
  /** In Postgres's words: `character varying(40)`, `numeric(10,2)`, `public.mood`. */
  readonly type: string;
  /** `pg_type.typname` of the type, or of a domain's base type: `int4`, `varchar`. */
  readonly baseType: string;
  readonly isDomain: boolean;
  /** For a domain, in Postgres's words: the type that it restricts. */
  readonly domainOf?: string | null;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** SQL: the DEFAULT. Missing or null if there is none, or none that can be evaluated by itself. */
  readonly defaultExpression?: string | null;
  /** Can't be written to: a generated column. */
  readonly readonly: boolean;
  /**
   * Postgres numbers the rows that give no value; no two of them get the same number. `always`: it
   * does so even if they give one, unless the statement overrides that, and no UPDATE may change it.
   */
  readonly identity: "always" | "by default" | null;
  /** SQL: the sequence that numbers the rows that give no value: of an identity, of a `serial`. */
  readonly sequence: string | null;
  /** A foreign key, of this table or of another one, refers to it. */
  readonly referenced: boolean;
  /** In characters, for varchar(n) and char(n). */
  readonly maxLength: number | null;
  /** For numeric(p,s). */
  readonly precision: number | null;
  readonly scale: number | null;
  /** For an enum, in order. */
  readonly enumLabels: readonly string[] | null;
  /** False for a collation, its own or an index's, under which different strings can be equal. */
  readonly deterministic: boolean;
  /**
   * SQL: the type's `=` and `>`, with their schema. Null if its values can't be compared, or have no
   * order. Missing if that is not known.
   */
  readonly equal?: string | null;
  readonly greater?: string | null;
  /** The role's privileges. If missing, it has them. */
  readonly mayRead?: boolean;
  readonly mayInsert?: boolean;
  readonly mayUpdate?: boolean;
  /** The sequence that its default calls, if the role may not use it. */
  readonly closedSequence?: string | null;
  /** Its type, if the role may not use it in tables of its own. */
  readonly closedType?: string | null;
}

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
  readonly toItself: boolean;
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

export interface Table {
  readonly oid: number;
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
