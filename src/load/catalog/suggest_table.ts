/** Which table was probably meant, if there is none of that name. */
import type { Session } from "../../db/session.ts";
import { nearest } from "../../importer/nearest.ts";

/** A database may have very many. */
const MOST_TABLES = 20_000;

/** `; did you mean orders?`, or a full stop. */
export async function suggestion(
  session: Session,
  name: string,
  ledgerSchema: string,
): Promise<string> {
  const bare = name.split(".").at(-1)!.replaceAll('"', "");
  // Those that are found without their schema come first.
  const tables = await session.query<{ name: string; bare: string }>(
    `select case when pg_table_is_visible(c.oid) then quote_ident(c.relname)
         else format('%I.%I', n.nspname, c.relname) end as name, c.relname as bare
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%'
       and n.nspname not in ('information_schema', $1)
     order by not pg_table_is_visible(c.oid), 1 limit ${MOST_TABLES}`,
    [ledgerSchema],
  );
  const wanted = bare.toLowerCase();
  const isSame = (other: string) => [other, `${other}s`].includes(wanted) || other === `${wanted}s`;
  const close = nearest(bare, tables.map((table) => table.bare));
  const found = tables.find((table) => isSame(table.bare.toLowerCase())) ??
    tables.find((table) => table.bare === close);
  return found === undefined ? "." : `; did you mean ${found.name}?`;
}
