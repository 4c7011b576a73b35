/** The target table of a case, and the other tables, as DDL; and what they contain afterwards. */
import type { Session } from "../../src/db/session.ts";
import type { Beside } from "./reference_beside.ts";
import type { Case, Shape } from "./reference_case.ts";
import { CITIES, LABELS, TAGS, TWIN } from "./reference_others.ts";
import type { StoredRow, TakenRow } from "./reference_table.ts";

/** Creates what all cases of a test share. `role` is subject to row-level security. */
export async function prepareDatabase(session: Session, role: string): Promise<void> {
  await session.query(
    `create table refs (id int primary key);
     insert into refs values (1), (2);
     create extension citext;
     create table cities (code text primary key, name text);
     insert into cities values ${Object.entries(CITIES).map(([n, c]) => `('${c}', '${n}')`)},
       ('T1', '${TWIN}'), ('T2', '${TWIN}');
     create index on cities (name);
     create table tags (id int generated always as identity primary key, name citext unique);
     create table labels (id int generated always as identity primary key, name citext unique);
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

function values(names: readonly string[]): string {
  return names.map((name) => `('${name}')`).join(", ");
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

/** Rows that are in the table before have a link and a child, where there are links and children. */
function belonging({ shape, others }: Pick<Case, "shape" | "others">): readonly string[] {
  const of = `t ${shape.key} not null references t`;
  return [
    ...others.labels === null ? [] : [
      `create table links (${of}, label int not null references labels
         constraint none_is_bad check (label <> 2), primary key (t, label))`,
      "insert into links select k, 1 from t",
      "grant all on links to public",
    ],
    ...others.items === null ? [] : [
      `create table items (${of}, line int not null constraint line_is_lucky check (line <> 7),
         qty int not null, primary key (t, line))`,
      "insert into items select k, 1, 1 from t",
      "grant all on items to public",
    ],
  ];
}

export async function createTarget(
  session: Session,
  each: Pick<Case, "shape" | "others">,
  existing: readonly StoredRow[],
): Promise<void> {
  const { shape } = each;
  const deferred = "deferrable initially deferred";
  const statements = [
    "drop table if exists links, items",
    "drop table if exists t",
    "truncate sevens",
    `truncate tags, labels restart identity`,
    `insert into tags (name) values ${values(TAGS)}`,
    `insert into labels (name) values ${values(LABELS)}`,
    `create table t (
       ${shape.computed ? "id int generated always as identity," : ""}
       k ${shape.key}, email text, amount int constraint amount_is_lucky check (amount <> 13),
       ref int, parent int, stamp int, changed_at int, was int,
       city text, tag int, gone boolean not null default false,
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
      `insert into t (k, email, amount, ref, parent, stamp, changed_at, gone, was)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [row.k, row.email, row.amount, row.ref, row.parent, row.stamp, row.changed_at, row.gone, was],
    );
  }
  for (const statement of belonging(each)) await session.query(statement);
}

export function readTarget(session: Session): Promise<StoredRow[]> {
  return session.query<StoredRow>(
    `select k::text, email, amount::text, ref::text, parent::text, stamp::text, changed_at::text,
       doubled::text, city, lower(tags.name::text) as tag, gone::text
     from t left join tags on tags.id = t.tag`,
  );
}

/** The other tables, as the model has them. */
export async function readBeside(
  session: Session,
  { shape, others }: Pick<Case, "shape" | "others">,
): Promise<Beside> {
  const read = async (select: string) =>
    (await session.query<{ row: string }>(select)).map(({ row }) => row).sort();
  // 2.0 and 2 are the same key.
  const key = shape.key === "numeric" ? "trim_scale(t)" : "t";
  return {
    tags: await read("select lower(name::text) as row from tags"),
    labels: await read("select lower(name::text) as row from labels"),
    links: others.labels === null ? [] : await read(
      `select ${key} || ': ' || lower(name::text) as row from links join labels on id = label`,
    ),
    items: others.items === null
      ? []
      : await read(`select ${key} || ': ' || line || ' ' || qty as row from items`),
  };
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
