/** A column of a table as the catalog describes it. */

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

/** A column that has nothing but its type, which Postgres brings along. */
export function plainColumn(name: string, type: string): TableColumn {
  return {
    name,
    type,
    baseType: type,
    isDomain: false,
    notNull: false,
    hasDefault: false,
    readonly: false,
    identity: null,
    sequence: null,
    referenced: false,
    maxLength: null,
    precision: null,
    scale: null,
    enumLabels: null,
    deterministic: true,
  };
}
