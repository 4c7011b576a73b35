/** The definition that a request asks for: an importer's, or one made of its query. */
import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { adHocDefinition, PARAMETERS } from "../../importer/ad_hoc.ts";
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { findImporter, type Importer } from "../../importer/folder.ts";
import { withOverrides } from "../../importer/overridden.ts";
import { WrongOverride } from "../../importer/override_source.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { previewQuery, previewTableQuery } from "../schemas/preview_schemas.ts";
import { requireImporter } from "../runs_of.ts";
import type { RequestEnv } from "../server_context.ts";
import type { SetValues } from "../../importer/set/setting.ts";
import {
  asRequest,
  readSet,
  refuseAsRequest,
  refuseBeyondToken,
  settingOptions,
} from "./asked_set.ts";
import { validationFailure, wrongField } from "./validation.ts";

export interface AskedDefinition {
  readonly definition: Definition;
  /** Null: the definition has no file. */
  readonly origin: Importer | null;
}

/** An importer's definition, with what the query says about the file. Throws RequestRefused. */
export async function askedImporter(
  c: Context<RequestEnv>,
  slug: string,
): Promise<AskedDefinition> {
  requireImporter(c, slug);
  const query = read(previewQuery, c.req.query());
  const origin = await importerWith(c, slug, readSet(query.set));
  return { definition: withReading(origin.definition, query), origin };
}

/** An importer, with what the request sets for its run. Throws RequestRefused. */
export async function importerWith(
  c: Context<RequestEnv>,
  slug: string,
  set: SetValues | undefined,
): Promise<Importer> {
  const { importersFolder, schemaName: ownSchema } = c.get("server");
  const find = async (values: SetValues | undefined) =>
    await findImporter(importersFolder, slug, { ownSchema, ...await settingOptions(values) });
  // A token that is limited learns nothing of what it can't set.
  if (set !== undefined) refuseBeyondToken(c, set, (await find(undefined)).definition);
  return await asRequest(() => find(set));
}

/** A definition made of the query: columns are matched by name. Throws RequestRefused. */
export async function askedTable(c: Context<RequestEnv>): Promise<AskedDefinition> {
  if (c.get("principal").importers !== null) {
    throw new RequestRefused(
      403,
      "forbidden",
      "This token is limited to some importers: name one of them instead of a table.",
    );
  }
  const { key } = c.req.queries();
  const query = read(previewTableQuery, { ...c.req.query(), ...key && { key } });
  const definition = await tableDefinition(query, c.get("server").schemaName);
  return { definition: withReading(definition, query), origin: null };
}

function read<Schema extends z.ZodType>(schema: Schema, query: unknown): z.infer<Schema> {
  const read = schema.safeParse(query);
  if (read.success) return read.data;
  throw validationFailure(read.error);
}

async function tableDefinition(
  { table, key, on_duplicate, identity, set }: z.infer<typeof previewTableQuery>,
  ownSchema: string,
): Promise<Definition> {
  const keys = typeof key === "string" ? [key] : key;
  try {
    return adHocDefinition(
      { table, key: keys, onDuplicate: on_duplicate, identity },
      { ownSchema, ...await settingOptions(readSet(set)) },
      PARAMETERS,
    );
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    refuseAsRequest(error);
    const [{ path, message }] = error.problems;
    throw wrongField(
      path,
      message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message,
    );
  }
}

function withReading(
  written: Definition,
  { skip_lines, mapping: _mapping, set: _set, ...query }: z.infer<typeof previewQuery>,
): Definition {
  try {
    const source = {
      ...query,
      skip_lines: skip_lines === undefined ? undefined : Number(skip_lines),
    };
    return withOverrides(written, { source });
  } catch (error) {
    if (!(error instanceof WrongOverride)) throw error;
    const { key, expected, got, isWritten } = error;
    throw isWritten
      ? wrongField(key, `expected ${expected}, got ${got}`)
      : wrongField("delimiter", `the definition has source.${key}: ${got}; give ${key} as well`);
  }
}
