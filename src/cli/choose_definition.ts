/** Chooses a run's definition: a file in the importers folder, or one made from the options. */
import { basename } from "node:path";
import { UsageError } from "../config/usage_error.ts";
import { adHocDefinition } from "../importer/ad_hoc.ts";
import type { Definition } from "../importer/definition.ts";
import type { Origin } from "../importer/problem.ts";
import { UnknownImporter } from "../importer/definition_errors.ts";
import type { SetValues } from "../importer/set/setting.ts";
import { toSlug } from "../importer/slug.ts";
import { telling } from "../importer/set/telling.ts";
import type { Settings } from "./settings.ts";

export interface AdHocFlags {
  readonly table?: string;
  readonly key?: readonly string[];
  readonly onDuplicate?: string;
  readonly identity?: string;
  /** Keys of the definition that are set for this run. */
  readonly set?: SetValues;
  /** The file to load, for messages. */
  readonly file?: string | readonly string[];
}

export interface ChosenDefinition {
  readonly definition: Definition;
  /** The file that it comes from, if there is one. */
  readonly origin?: Origin;
}

/** Throws UsageError, UnknownImporter and DefinitionError. */
export async function chooseDefinition(
  importer: string | null,
  { table, key, onDuplicate, identity, file, set }: AdHocFlags,
  { importers, schema: ownSchema }: Settings,
): Promise<ChosenDefinition> {
  const options = { ownSchema, ...await telling(set, "--set") };
  if (table !== undefined) {
    if (importer !== null) {
      const command = `ingest run --table ${table} --file ${quoted(importer)}`;
      throw new UsageError(
        !await isFile(importer)
          ? `Cannot combine an importer (${importer}) with --table: give one of them`
          : file === undefined
          ? `${importer} is a file: ${command}`
          : `${importer} comes after --file ${
            [file].flat().join(", ")
          }. To load it as well, write --file ` +
            `before it, too; a pattern belongs in quotes: --file '*.csv'`,
      );
    }
    return { definition: adHocDefinition({ table, key, onDuplicate, identity }, options) };
  }
  if (importer === null) {
    throw new UsageError(
      "No importer given: ingest run customers --file …, or --table for a run without a definition",
    );
  }
  const option = Object.entries({
    "--key": key,
    "--on-duplicate": onDuplicate,
    "--identity": identity,
  }).find(([, value]) => value !== undefined)?.[0];
  if (option !== undefined) {
    throw new UsageError(
      `${option} only works with --table. For ${importer}, change its definition, or set a key for ` +
        "this run: --set on_duplicate=update",
    );
  }
  // The parser of YAML takes 5 ms to load.
  const { findImporter } = await import("../importer/folder.ts");
  try {
    const found = await findImporter(importers, importer, options);
    return { definition: found.definition, origin: found };
  } catch (error) {
    if (!(error instanceof UnknownImporter) || !await isFile(importer)) throw error;
    const file = quoted(importer);
    throw new UsageError(
      `${importer} is a file, not an importer. Load it with one: ` +
        `ingest run <importer> --file ${file}, or without: ` +
        `ingest run --table ${tableOf(importer)} --file ${file}`,
    );
  }
}

/** Is there such a file, or does it look like the name of one? */
async function isFile(name: string): Promise<boolean> {
  if (/\.(?:csv|tsv|tab|txt|dat|jsonl?|ndjson|xlsx?|ods|parquet|gz|zst|zip)$/iu.test(name)) {
    return true;
  }
  const stat = await Deno.stat(name).catch(() => null);
  return stat?.isFile === true;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./-]+$/u.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** `kunden-2024.csv` → `kunden_2024`: a guess, to be changed. */
function tableOf(path: string): string {
  const name = basename(path.replaceAll("\\", "/")).replace(/(?:\.\w+)+$/u, "");
  return toSlug(name).replaceAll("-", "_") || "<table>";
}
