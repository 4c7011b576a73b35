/** What somebody may load a file into. */
import type { Context } from "hono";
import type { Definition } from "../../../importer/definition.ts";
import { loadImporters } from "../../../importer/folder.ts";
import { keysOfTable, listTables } from "../../../run/request/table_choices.ts";
import { mayUse, type Principal } from "../../identity/principal.ts";
import { redact } from "../../answers/redact.ts";
import type { RequestEnv } from "../../server_context.ts";
import type { Target } from "./target.ts";

export interface Choices {
  /** As they may be shown. */
  readonly importers: readonly Definition[];
  /** The chosen one. Null: none is, or it is gone. */
  readonly chosen: Definition | null;
  /** The file of its definition. */
  readonly file: string | null;
  /** Null: the token is limited to importers. */
  readonly tables: readonly string[] | null;
  /** Of the chosen table: the columns of its unique indexes, and nothing else can be a key. */
  readonly keys: readonly (readonly string[])[];
}

export async function readChoices(
  c: Context<RequestEnv>,
  principal: Principal,
  target: Target,
): Promise<Choices> {
  const { importersFolder, schemaName, sourceFolder } = c.get("server");
  const { usable } = await loadImporters(importersFolder, { ownSchema: schemaName });
  const own = usable.filter(({ definition }) => mayUse(principal, definition.slug));
  const importers = own.map(({ definition }) => redact(definition, sourceFolder));
  return {
    importers,
    file: own.find(({ definition }) => definition.slug === target.importer)?.file ?? null,
    chosen: importers.find(({ slug }) => slug === target.importer) ?? null,
    ...principal.importers === null ? await tableChoices(c, target.table) : NO_TABLES,
  };
}

const NO_TABLES = { tables: null, keys: [] } as const;

function tableChoices(
  c: Context<RequestEnv>,
  chosen: string | null,
): Promise<Pick<Choices, "tables" | "keys">> {
  return c.get("server").withLedger(async ({ session, schemaName }) => ({
    tables: await listTables(session, schemaName),
    keys: chosen === null ? [] : await keysOfTable(session, chosen, schemaName),
  }));
}
