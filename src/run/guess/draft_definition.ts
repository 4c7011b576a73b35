/** Reads the table and all of the files, and drafts a definition. */
import type { Session } from "../../db/session.ts";
import { findNamed } from "../../importer/against_table/cut_name.ts";
import type { Definition } from "../../importer/definition.ts";
import type { SourceOverrides } from "../../importer/override_source.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import type { Table } from "../../load/catalog/table.ts";
import { listed } from "../../row/header_names.ts";
import { lookAtTable } from "../read_table.ts";
import { Refused } from "../request/refuse/refused.ts";
import { foreignKeyOf, referencedValues } from "../request/suggest/referenced.ts";
import type { Draft } from "./draft.ts";
import { keyIndexes } from "./draft_key.ts";
import { makeDraft } from "./make_draft.ts";
import { tableName } from "./new_table.ts";
import { readFiles } from "./open_files.ts";

export interface DraftWish {
  /** Says how the file is read. Its table is the one that is asked for, or guessed. */
  readonly definition: Definition;
  /** The table has to be there. */
  readonly isTableGiven: boolean;
  readonly files: readonly string[];
  /** What people call the file. */
  readonly name: string;
  readonly given: SourceOverrides;
  /** For copies, which are removed. */
  readonly folder: string;
  readonly ownSchema: string;
}

export interface Drafted {
  readonly draft: Draft;
  /** Null: it isn't there, or there is no database. */
  readonly catalog: Table | null;
}

/** `session`: null without a database. Throws Refused, SourceError, TargetError and TableLocked. */
export async function draftDefinition(session: Session | null, wish: DraftWish): Promise<Drafted> {
  const { definition, files, name, given, folder } = wish;
  const { table } = definition;
  const catalog = session === null ? null : await findTable(session, wish);
  const together = catalog === null ? [] : keyIndexes(catalog).map(({ columns }) => columns)
    .filter((columns) => columns.length > 1);
  const facts = await readFiles({ files, definition, folder, together, name });
  if (catalog === null && facts.rows === 0) {
    throw new Refused(
      `${name} has a header and no rows, so nothing says what its columns hold. Take a file with ` +
        "rows, or name a table that is there: --table customers.",
    );
  }
  if (catalog !== null) refuseStrangers(catalog, facts.source.header, name);
  const referenced = new Map<string, ReadonlySet<string>>();
  for (const { name: column } of catalog?.columns ?? []) {
    const key = foreignKeyOf(catalog!, column);
    const values = key === null ? null : await referencedValues(session!, key).catch(() => null);
    if (values !== null) referenced.set(column, values);
  }
  return {
    draft: makeDraft({ table, name, facts, catalog, referenced, given }),
    catalog,
  };
}

/** Without any column in common, it is most likely the wrong table, or a file without a header. */
function refuseStrangers(
  { name: table, columns }: Table,
  header: readonly string[],
  name: string,
): void {
  const writable = columns.filter(({ readonly }) => !readonly);
  if (header.some((each) => findNamed(writable, each) !== undefined)) return;
  throw new Refused(
    `No column of ${name} is called like one of ${table}, so there is nothing to write: the file ` +
      `has ${listed(header)}; the table has ${listed(writable.map((each) => each.name))}.`,
  );
}

async function findTable(
  session: Session,
  { definition: { table }, isTableGiven, ownSchema }: DraftWish,
): Promise<Table | null> {
  const [{ found }] = await session.query<{ found: string | null }>(
    "select to_regclass($1)::text as found",
    [tableName(table)],
  );
  if (found === null) {
    if (!isTableGiven) return null;
    throw new Refused(
      `There is no table ${table}. Create it first, or let a run do that: ` +
        `ingest run --table ${table} --create --file …`,
    );
  }
  try {
    return await lookAtTable(session, session.userSettings, table, ownSchema);
  } catch (error) {
    // A view that is called like the file, say.
    if (error instanceof TargetError && !isTableGiven) return null;
    throw error;
  }
}
