/** The target table as the catalog describes it: only what the stages need to know. */

export interface TableColumn {
  readonly name: string;
  /** As Postgres writes it: `character varying(40)`, `numeric(10,2)`, `public.mood`. */
  readonly type: string;
  /** `pg_type.typname` of the type, a domain's base type if it is one: `int4`, `varchar`. */
  readonly baseType: string;
  readonly isDomain: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** Can't be written to: generated columns, and identity columns that are `always`. */
  readonly readonly: boolean;
  /** Numbered by Postgres, unless a value is given: no two rows get the same. */
  readonly identity?: boolean;
  /** Characters, for varchar(n) and char(n). */
  readonly maxLength: number | null;
  /** For numeric(p,s). */
  readonly precision: number | null;
  readonly scale: number | null;
  /** In their order, for an enum. */
  readonly enumLabels: readonly string[] | null;
  /** False for a collation under which different strings can be equal. */
  readonly deterministic: boolean;
}

export interface UniqueIndex {
  /** Also the constraint's name, if it has one. */
  readonly name: string;
  /** Names of the partitions' own indexes behind it: the errors of Postgres say these. */
  readonly partitionNames?: readonly string[];
  readonly primary: boolean;
  /** Null if an expression is part of it. */
  readonly columns: readonly string[] | null;
  readonly partial: boolean;
  readonly nullsNotDistinct: boolean;
  readonly deferrable: boolean;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** Schema-qualified, for messages. */
  readonly referencedTable: string;
  readonly referencedName: string;
  /** In the order of `columns`. */
  readonly referencedColumns: readonly string[];
  readonly toItself: boolean;
  /**
   * Whether a row keeps it can't be told by looking into the referenced table: we may not see what
   * Postgres sees there, Postgres doesn't look at all, or it compares more than equality.
   */
  readonly opaque: boolean;
}

export interface CheckConstraint {
  readonly name: string;
  /** Null if it looks at the row as a whole. */
  readonly columns: readonly string[] | null;
  /** In SQL, over the table's column names. */
  readonly expression: string;
}

export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly uniqueIndexes: readonly UniqueIndex[];
  readonly foreignKeys: readonly ForeignKey[];
  /** In the order in which Postgres looks at them. */
  readonly checks: readonly CheckConstraint[];
  readonly hasExclusionConstraint: boolean;
  /** BEFORE ROW triggers on INSERT or UPDATE: they may change or drop a row. */
  readonly hasBeforeRowTriggers: boolean;
  /** CREATE RULE, the old way to have a statement do something else. */
  readonly hasRules: boolean;
  /** COPY is refused. */
  readonly rowLevelSecurity: boolean;
}
