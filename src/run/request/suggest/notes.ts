/** What there is to know beside the suggestions. */
import type { Definition } from "../../../importer/definition.ts";
import { DefinitionError, UnknownImporter } from "../../../importer/definition_errors.ts";
import { findImporter } from "../../../importer/folder.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { type Collected, MAX_ROWS } from "./collect.ts";
import type { Importers, Proposal } from "./candidate.ts";
import type { Trial } from "./trial.ts";

export function notesOn(
  run: Run,
  { rows, refused, columns }: Collected,
  left: number,
  { table, programs }: Trial,
  proposals: readonly Proposal[],
): readonly string[] {
  const notes: string[] = [];
  const many = (n: number) => n === 1 ? "1 row" : `${n.toLocaleString("en")} rows`;
  if (rows < left) {
    notes.push(
      `${rows.toLocaleString("en")} of the ${many(left)} that still fail were looked at` +
        (rows === MAX_ROWS ? "." : "; the others are no longer in the log."),
    );
  }
  const rolledBack = refused.get("batch_rolled_back") ?? 0;
  if (rolledBack > 0) {
    notes.push(
      `${many(rolledBack)} would be right, but other rows of ${
        rolledBack === 1 ? "its batch" : "their batches"
      } are wrong. Without those: ingest retry ${run.id} --code batch_rolled_back`,
    );
  }
  const lookups = [...refused].filter(([code]) => LOOKUPS.has(code));
  const lookedUp = lookups.reduce((sum, [, count]) => sum + count, 0);
  if (lookedUp > 0) {
    const codes = lookups.map(([code]) => code).join(", ");
    notes.push(
      `${many(lookedUp)}: what ${
        lookedUp === 1 ? "it looks" : "they look"
      } up is not in the database, or more than once (${codes}). Add it there (look-ups can: ` +
        `\`create: true\`), or repair the rows: ingest errors ${run.id} --export failed.csv`,
    );
  }
  const byTable = [...refused].filter(([code]) => TABLES.has(code));
  const all = byTable.reduce((sum, [, count]) => sum + count, 0);
  const asIs = [...refused.values()].reduce((sum, count) => sum + count, 0) - all - rolledBack -
    lookedUp;
  const helped = proposals.filter(({ candidate }) => candidate.among !== undefined)
    .reduce((sum, { suggested }) => sum + suggested.values, 0);
  const inTable = Math.max(0, all - helped);
  if (inTable > 0) {
    const codes = byTable.map(([code]) => code).join(", ");
    notes.push(
      `${many(inTable)}: the table ${table.name} refuses ${
        inTable === 1 ? "it" : "them"
      } (${codes}), not the definition. ` +
        `Repair ${inTable === 1 ? "it" : "them"}: ingest errors ${run.id} --export failed.csv`,
    );
  }
  if (asIs > 0) {
    notes.push(
      `${
        many(asIs)
      } would be right as things are now: ingest retry ${run.id} --original-definition`,
    );
  }
  for (const { program, codes } of columns.values()) {
    const name = program.column.name;
    const isHelped = proposals.some(({ candidate }) => candidate.column === name);
    if (!codes.has("required") || isHelped || !programs.includes(program)) continue;
    notes.push(
      `${name}: rows without a value can't be guessed. Say what they get: \`default: …\`, in the ` +
        "definition.",
    );
  }
  return notes;
}

/** What the importer's file has to do with it. */
export async function notesOnFile(
  { id, definition, importer }: Run,
  { importersFolder, ownSchema }: Importers,
): Promise<readonly string[]> {
  if (definition.ad_hoc) {
    return [
      `Run ${id} has no importer's file: it was started with --table. Write a definition to use this.`,
    ];
  }
  try {
    const now = (await findImporter(importersFolder, importer, { ownSchema })).definition;
    const rules = ({ table, key, columns }: Definition) => JSON.stringify([table, key, columns]);
    if (rules(now) === rules(definition)) return [];
    return [
      `The importer's definition has changed since run ${id}: this is about the one that the run had. ` +
      `\`ingest retry ${id}\` uses the changed one.`,
    ];
  } catch (error) {
    if (error instanceof UnknownImporter) {
      return [`The importer ${importer} has no file here.`];
    }
    if (error instanceof DefinitionError) {
      return [`The importer's file can't be used: ${error.message}`];
    }
    throw error;
  }
}

const LOOKUPS: ReadonlySet<string> = new Set(["lookup", "lookup_ambiguous"]);

/** Codes of what only Postgres finds. */
const TABLES: ReadonlySet<string> = new Set([
  "duplicate",
  "duplicate_in_file",
  "foreign_key",
  "not_null",
  "check",
  "too_long",
  "database",
]);
