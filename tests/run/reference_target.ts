/** The target table of a case as DDL, and its definition. */
import type { Session } from "../../src/db/session.ts";
import type { ColumnRule, Definition } from "../../src/importer/definition.ts";
import { DEFAULT_COLUMN } from "../../src/importer/definition.ts";
import { type Case, hasCondition, type Shape, WITHOUT_EMAIL } from "./reference_case.ts";
import type { StoredRow, TakenRow } from "./reference_table.ts";

/** Creates what all cases of a test share. `role` is subject to row-level security. */
export async function prepareDatabase(session: Session, role: string): Promise<void> {
  await session.query(
    `create table refs (id int primary key);
     insert into refs values (1), (2);
     create table sevens (k text, email text);
     create function take_sevens() returns trigger language plpgsql as
       $$ begin if new.amount <> 7 or new.amount is null then return new; end if;
         insert into sevens values (new.k::text, new.email); return null; end $$;
     create function lower_email() returns trigger language plpgsql as
       $$ begin new.email := lower(new.email); return new; end $$;
     create function refuse_eights() returns trigger language plpgsql as
       $$ begin if new.amount = 8 then raise 'No eights here'; end if; return null; end $$;
     create role ${role};
     grant all on schema public, ingest to ${role};
     grant all on all tables in schema public, ingest to ${role};`,
  );
}

const EMAIL_INDEX: Readonly<Record<Shape["emailIndex"], string>> = {
  unique: "alter table t add constraint t_email unique (email)",
  deferred: "alter table t add constraint t_email unique (email) deferrable initially deferred",
  partial: "create unique index t_email on t (email) where amount > 1",
  nulls_not_distinct: "create unique index t_email on t (email) nulls not distinct",
  lower: "create unique index t_email on t (lower(email))",
  none: "",
};

const KEY_INDEX: Readonly<Record<Shape["keyIndex"], string>> = {
  primary: "alter table t add primary key (k)",
  unique: "alter table t add constraint t_k unique (k)",
  nulls_not_distinct: "create unique index t_k on t (k) nulls not distinct",
  none: "",
};

const TRIGGERS: Readonly<Record<Shape["trigger"], string>> = {
  none: "",
  take: `create trigger before_row before insert or update on t
    for each row execute function take_sevens()`,
  lower: `create trigger before_row before insert or update on t
    for each row execute function lower_email()`,
  raise: `create trigger after_row after insert or update on t
    for each row execute function refuse_eights()`,
};

export async function createTarget(
  session: Session,
  shape: Shape,
  existing: readonly StoredRow[],
): Promise<void> {
  const deferred = "deferrable initially deferred";
  const statements = [
    "drop table if exists t",
    "truncate sevens",
    `create table t (
       ${shape.computed ? "id int generated always as identity," : ""}
       k ${shape.key}, email text, amount int constraint amount_is_lucky check (amount <> 13),
       ref int, parent int, stamp int, changed_at int, was int,
       doubled int ${shape.computed ? "generated always as (amount * 2) stored" : ""}
     ) ${shape.partitioned ? "partition by range (k)" : ""}`,
    ...(shape.partitioned
      ? [
        "create table t_low partition of t for values from (minvalue) to (3)",
        "create table t_high partition of t for values from (3) to (6)",
        "create table t_top partition of t for values from (7) to (maxvalue)",
      ]
      : []),
    KEY_INDEX[shape.keyIndex],
    EMAIL_INDEX[shape.emailIndex],
    TRIGGERS[shape.trigger],
    shape.reference === "none" ? "" : `alter table t add foreign key (ref) references refs
      ${shape.reference === "deferred" ? deferred : ""}`,
    shape.parent
      ? `alter table t add foreign key (parent) references t (k)
      ${shape.reference === "deferred" ? deferred : ""}`
      : "",
    ...(shape.rowSecurity
      ? [
        "alter table t enable row level security",
        "create policy everyone on t using (true) with check (amount is distinct from 66)",
        "grant all on t to public",
      ]
      : []),
  ];
  await session.query(statements.filter((each) => each !== "").join(";\n"));
  for (const [was, row] of existing.entries()) {
    await session.query(
      `insert into t (k, email, amount, ref, parent, stamp, changed_at, was)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [row.k, row.email, row.amount, row.ref, row.parent, row.stamp, row.changed_at, was],
    );
  }
}

export function readTarget(session: Session): Promise<StoredRow[]> {
  return session.query<StoredRow>(
    `select k::text, email, amount::text, ref::text, parent::text, stamp::text, changed_at::text,
       doubled::text from t`,
  );
}

/** The rows that the trigger `take` has put elsewhere. */
export function readTaken(session: Session): Promise<TakenRow[]> {
  return session.query<TakenRow>("select k, email from sevens");
}

/** Every row with its place in storage and its transaction, so that any write is noticed. */
export function readStored(session: Session): Promise<object[]> {
  return session.query(
    "select t.tableoid::text, t.ctid::text, t.xmin::text, t::text as row from t order by 1, 2",
  );
}

export function definitionOf(each: Case): Definition {
  const { shape, rules, batchRows, undo, whole, atomic } = each;
  const when = { column: ["AMOUNT"], not: [WITHOUT_EMAIL], ignore_case: false };
  const compares = rules.onDuplicate === "update_if_newer";
  const extra = compares && rules.compare === "extra";
  const names = ["k", "email", "amount", "ref"];
  if (shape.parent) names.push("parent");
  if (!extra) names.push("stamp");
  return {
    slug: "t",
    table: "t",
    description: null,
    source: {
      type: "file",
      path: null,
      override: false,
      format: "csv",
      delimiter: ",",
      encoding: "utf-8",
      header: true,
      skip_lines: 0,
      null_values: [""],
    },
    key: rules.hasKey ? ["k"] : [],
    on_duplicate: rules.onDuplicate,
    on_missing: rules.onMissing,
    compare: compares ? { source: "stamp", target: extra ? "changed_at" : "stamp" } : null,
    columns: Object.fromEntries(
      names.map((name): [string, ColumnRule] => [name, {
        ...DEFAULT_COLUMN,
        from: [name],
        ...name === "email" && hasCondition(each) && { when },
      }]),
    ),
    options: {
      batch_rows: batchRows,
      batch_bytes: 1_000_000,
      log_rows: "all",
      strict_headers: false,
      unmapped: "ignore",
      max_errors: null,
      undo,
      ...(whole && { transaction: "run" as const }),
      ...(atomic && { transaction: "atomic" as const }),
    },
  };
}
