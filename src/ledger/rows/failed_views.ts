/** Views of failed rows, one for each importer: see `unresolved_rows` and `correct_failed_row`. */
import { identifier, literal } from "../../db/quoting.ts";
import type { Ledger } from "../ledger.ts";
import { isUndone } from "../undo/undos.ts";

export interface FailedView {
  readonly importer: string;
  readonly header: readonly string[];
  readonly columns: readonly ViewColumn[];
  /** What the file calls columns of the table, where it calls them otherwise. */
  readonly fileNames: Readonly<Record<string, string>>;
}

/** A column of the source. */
export interface ViewColumn {
  /** In the view. */
  readonly name: string;
  readonly source: string;
}

/** A relation in ingest's schema. */
export interface ExistingView {
  /** Is it a view of failed rows? */
  readonly isOurs: boolean;
  readonly columns: readonly string[];
}

const FUNCTION = "correct_failed_row";
const TRIGGER = "corrects_failed_row";

export async function findView(ledger: Ledger, name: string): Promise<ExistingView | null> {
  const [found] = await ledger.query<ExistingView>(
    `select coalesce((select bool_or(p.proname = $3) from pg_trigger t
         join pg_proc p on p.oid = t.tgfoid and p.pronamespace = c.relnamespace
         where t.tgrelid = c.oid), false) as "isOurs",
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [ledger.schemaName, name, FUNCTION],
  );
  return found ?? null;
}

/** Who makes or drops views takes turns, in the open transaction, and waits 10 s for readers. */
export async function holdViews(ledger: Ledger): Promise<void> {
  await ledger.query(
    `set local lock_timeout = '10s';
     select pg_advisory_xact_lock(hashtextextended('ingest views', 0))`,
  );
}

/** The statements that make the view. One of the same columns keeps its privileges. */
export async function createView(ledger: Ledger, name: string, view: FailedView): Promise<void> {
  for (const statement of viewStatements(ledger, name, view)) await ledger.execute(statement);
}

export async function dropView(ledger: Ledger, name: string): Promise<void> {
  await ledger.execute(`drop view ${ledger.schema}.${identifier(name)}`);
}

/** Privileges on the view of others than its owner, as statements that grant them again. */
export async function listGrants(ledger: Ledger, name: string): Promise<readonly string[]> {
  const grants = await ledger.query<{ statement: string }>(
    `select format('grant %s on %s to %s%s', a.privilege_type, c.oid::regclass,
       case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,
       case when a.is_grantable then ' with grant option' else '' end) as statement
     from pg_class c cross join lateral aclexplode(c.relacl) a
     where c.oid = to_regclass($1) and a.grantee <> c.relowner`,
    [`${ledger.schema}.${identifier(name)}`],
  );
  return grants.map(({ statement }) => statement);
}

export async function grantAgain(ledger: Ledger, grants: readonly string[]): Promise<void> {
  for (const grant of grants) await ledger.execute(grant);
}

function viewStatements(ledger: Ledger, name: string, view: FailedView): readonly string[] {
  const { schema } = ledger;
  const { importer, header, columns, fileNames } = view;
  const own = `${schema}.${identifier(name)}`;
  const renamed = columns.filter((column) => column.name !== column.source);
  const cells = columns.map(({ name, source }) =>
    `coalesce(u.cells ->> ${literal(source)}, u.data ->> ${literal(source)}) as ${identifier(name)}`
  );
  const json = (value: Readonly<Record<string, string>>) => literal(JSON.stringify(value));
  return [
    `create or replace view ${own} as
     select u.run_id, u.row_number, u.line,
       ${schema}.failure_words(u.errors, ${json(fileNames)}::jsonb) as reason,
       u.corrected, ${[...cells, "u.surplus"].join(", ")}
     from ${schema}.unresolved_rows u
     where u.importer = ${literal(importer)}
       and u.header = array[${header.map(literal).join(", ")}]::text[]`,
    `comment on view ${own} is ${
      literal(
        `Failed rows of the importer ${importer} that no retry has loaded. Update their cells, ` +
          "then: ingest retry <run_id>",
      )
    }`,
    `create or replace trigger ${TRIGGER} instead of insert or update or delete on ${own}
     for each row execute function ${schema}.${FUNCTION}(${
      json(Object.fromEntries(renamed.map(({ name, source }) => [name, source])))
    })`,
  ];
}

/** A run whose failed rows a view could show. */
export interface ViewedRun {
  readonly id: number;
  readonly unresolved: number;
  readonly same_header: boolean;
}

/** Imports of an importer that have failed rows left and were not taken back, the latest first. */
export function listViewed(
  ledger: Ledger,
  importer: string,
  header: readonly string[],
): Promise<ViewedRun[]> {
  const { schema } = ledger;
  return ledger.query<ViewedRun>(
    `select * from (
       select r.id, r.header = $2::text[] as same_header,
         (select coalesce(sum(b.failed), 0) from ${schema}.batches b where b.run_id = r.id)::bigint
           - (select coalesce(sum(b.created + b.updated + b.skipped), 0)
              from ${schema}.runs retry join ${schema}.batches b on b.run_id = retry.id
              where retry.parent_id = r.id and not retry.dry_run)::bigint
           - (select coalesce(sum(bit_count(w.rows)), 0) from ${schema}.waived_ranges w
              where w.run_id = r.id)::bigint as unresolved
       from ${schema}.runs r
       where r.importer = $1 and r.parent_id is null and r.kind = 'import' and not r.dry_run
         and r.definition -> 'options' ->> 'log_rows' <> 'none' and not ${isUndone(ledger, "r.id")}
     ) viewed where unresolved > 0 order by id desc`,
    [importer, header],
  );
}
