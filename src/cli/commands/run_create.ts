/** `run --create`: makes a table for the file, from all of its rows, before it is loaded. */
import { UsageError } from "../../config/usage_error.ts";
import { SessionLost } from "../../db/session.ts";
import { adHocDefinition } from "../../importer/ad_hoc.ts";
import type { Definition } from "../../importer/definition.ts";
import { createTable, dropEmptyTable, refuseExisting } from "../../run/guess/create_table.ts";
import { rows } from "../../run/guess/evidence.ts";
import { type NewTable, newTable } from "../../run/guess/new_table.ts";
import { readFiles } from "../../run/guess/open_files.ts";
import { isElsewhere } from "../../run/request/remote/asked_address.ts";
import { discardFile, type StoredFile, storeFile } from "../../run/request/stored_file.ts";
import type { Database } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { type OverrideFlags } from "../overrides.ts";
import { spoolFolder } from "../settings.ts";

export interface CreateFlags extends OverrideFlags {
  readonly table?: string;
  readonly key?: readonly string[];
  readonly onDuplicate?: string;
  readonly identity?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export interface MadeTable {
  /** What the run does: which column of the file fills which of the new table. */
  readonly definition: Definition;
  /** Standard input, which was read to know its columns. */
  readonly file: StoredFile | null;
  /** There is no run, for this reason. */
  takeBack(reason: unknown): Promise<void>;
}

/**
 * A number is the exit code: there will be no run. Throws UsageError, Refused and SourceError; then
 * nothing was created.
 */
export async function makeTable(
  database: Database,
  written: Definition,
  files: readonly string[],
  flags: CreateFlags,
  output: Output,
): Promise<MadeTable | number> {
  const { table } = flags;
  if (table === undefined) throw new UsageError("--create needs --table: the table to create");
  if (files.some(isElsewhere)) {
    throw new UsageError(
      "--create reads all of the file first: download it, and name it with --file",
    );
  }
  const { settings } = database;
  await database.again(({ session }) => refuseExisting(session, table));
  const folder = await spoolFolder(settings.home, database.ledger);
  const isStdin = files[0] === "-";
  const file = isStdin
    ? await storeFile(Deno.stdin.readable, "stdin", folder, Number.MAX_SAFE_INTEGER)
    : null;
  try {
    if (!flags.quiet) output.note(`Reading all of ${files.join(", ")} to see what it holds.`);
    const facts = await readFiles({
      files: file === null ? files : [file.path],
      ...{ definition: written, folder },
      ...isStdin && { name: "stdin" },
    });
    const found = newTable(table, facts, flags.key ?? []);
    const agreed = await isWanted(found, facts.rows, isStdin, flags, output);
    if (agreed !== true) {
      if (file !== null) await discardFile(file);
      return agreed;
    }
    await database.again(({ session }) => createTable(session, found));
    const needsRules = found.columns.some(({ rule }) => Object.keys(rule).length > 0);
    if (needsRules && !isStdin && !flags.quiet) {
      output.note(
        "For more files with dates and numbers like these, keep what was found in a definition: " +
          `ingest init --from ${files[0]} --table ${table}`,
      );
    }
    return {
      definition: { ...written, ...definitionFor(found, flags, settings.schema) },
      file,
      async takeBack(reason) {
        // Whether there is a run is not known.
        if (reason instanceof SessionLost) return;
        await database.again(({ session }) => dropEmptyTable(session, found));
      },
    };
  } catch (error) {
    if (file !== null) await discardFile(file);
    throw error;
  }
}

function definitionFor(
  { table, columns, key }: NewTable,
  { onDuplicate, identity }: CreateFlags,
  ownSchema: string,
): Pick<Definition, "columns" | "key" | "on_duplicate"> {
  const rules = Object.fromEntries(
    columns.map(({ name, source, rule }) => [name, { from: source, ...rule }]),
  );
  const given = { table, key, onDuplicate, identity, columns: rules };
  const { columns: filled, key: keys, on_duplicate } = adHocDefinition(given, { ownSchema });
  return { columns: filled, key: keys, on_duplicate };
}

/** Shows the table and asks. A number is the exit code. */
async function isWanted(
  { sql, table }: NewTable,
  count: number,
  isStdin: boolean,
  { yes, dryRun, json, quiet }: CreateFlags,
  output: Output,
): Promise<true | number> {
  const canAsk = !isStdin && Deno.stdin.isTerminal() && output.stderr.size() !== null;
  const refuses = !yes && !dryRun && !canAsk;
  // Where nothing else comes of it, the statement is the result.
  const isResult = (refuses || dryRun === true) && !json;
  if (isResult || !quiet || !yes) {
    for (const line of `${sql};`.split("\n")) isResult ? output.print(line) : output.note(line);
  }
  if (dryRun) {
    if (json) output.json({ data: { table, sql } });
    output.note(`Dry run: ${table} was not created, so its rows were not tried.`);
    return EXIT.done;
  }
  if (refuses) {
    throw new UsageError(
      `${table} was not created: this is no terminal, so say --yes to create it as shown`,
    );
  }
  if (yes) return true;
  output.stderr.write(`Create ${table} like this and load ${rows(count)} into it? [y/N] `);
  if (/^\s*y(?:es)?\s*$/iu.test(await readAnswer())) return true;
  output.note(`${table} was not created.`);
  return EXIT.cancelled;
}

/** A line from the terminal. */
async function readAnswer(): Promise<string> {
  const bytes = new Uint8Array(1024);
  const length = await Deno.stdin.read(bytes);
  return new TextDecoder().decode(bytes.subarray(0, length ?? 0));
}
