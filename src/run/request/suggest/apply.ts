/** Writes suggestions into the importer's file, and changes nothing else there. */
import { join } from "node:path";
import { findImporter } from "../../../importer/folder.ts";
import { editDocument, NotEditable } from "../../../importer/document/edit_document.ts";
import { mappedTo, withMapping } from "../../../importer/column_mapping.ts";
import { saysAlready } from "../../../importer/document/definition_edit.ts";
import { parseExtended } from "../../../importer/extend.ts";
import type { Definition } from "../../../importer/definition.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { Refused } from "../refuse/refused.ts";
import { replaceFile } from "../save/definition_file.ts";
import { countRight, measure } from "./measure.ts";
import type { Importers, Proposal } from "./candidate.ts";
import { noSuggestions, type Proposals } from "./suggest.ts";
import { Trial } from "./trial.ts";

export interface Applied {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  /** How many of the rows that were looked at would be right now. */
  readonly rows: number;
}

export interface ApplyRequest extends Importers {
  /** Of the suggestions; null: all of them, if nobody has to choose. */
  readonly numbers: readonly number[] | null;
}

/** Throws Refused, UnknownImporter and DefinitionError; then nothing was written. */
export async function applySuggestions(
  ledger: Ledger,
  run: Run,
  { report, proposals, base, sourceOf }: Proposals,
  { numbers, importersFolder, ownSchema }: ApplyRequest,
): Promise<Applied> {
  if (base === null || proposals.length === 0) throw noSuggestions(run, report);
  const chosen = chosenOf(proposals, numbers, run.id);
  const lines = linesOf(chosen);
  if (run.definition.ad_hoc) {
    throw new Refused(
      `Cannot apply suggestions to run ${run.id}: it has no importer's file. Write a definition for ` +
        `it, ${join(importersFolder, `${run.importer}.yaml`)}, with: ${lines}`,
    );
  }
  const importer = await findImporter(importersFolder, run.importer, { ownSchema });
  const { file } = importer;
  const cannot = (why: string) =>
    new Refused(`Cannot write into ${file}: ${why}. Write it yourself: ${lines}`);
  if (!/\.(?:ya?ml|json)$/iu.test(file)) throw cannot("only YAML and JSON can be edited");
  const before = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(await Deno.readFile(file));
  const candidates = chosen.map(({ candidate }) => candidate);
  const { together: promised } = await measure(ledger, run, base, [], candidates, sourceOf);
  const rightWith = (definition: Definition) =>
    countRight(
      ledger,
      run,
      base,
      Trial.of(run, withMapping(definition, run.definition.mapping), base.table),
      candidates,
    );
  const edits = candidates.flatMap(({ edits }) => edits)
    .filter((edit) => !saysAlready(importer.definition, edit));
  if (edits.length === 0) {
    throw new Refused(`${file} says that already. Try the rows again: ingest retry ${run.id}`);
  }
  let after: string;
  try {
    after = editDocument(before, file, edits, (column) =>
      // Where this run's column came from is no business of other files.
      mappedTo(run.definition, column) === undefined ? sourceOf(column) : column);
  } catch (error) {
    if (error instanceof NotEditable) throw cannot(error.message);
    throw error;
  }
  const parsed = await parseExtended(after, file, { ownSchema });
  if ("problems" in parsed) {
    throw cannot(`it would no longer be right (${parsed.problems[0].message})`);
  }
  const rows = await rightWith(parsed.definition);
  if (rows < promised) {
    throw cannot(
      `it has changed since run ${run.id}, and with what it says now only ${rows} of ${promised} ` +
        "rows would be right",
    );
  }
  await replaceFile(file, before, after);
  return { file, before, after, rows };
}

/** Throws Refused if somebody has to choose. */
function chosenOf(
  proposals: readonly Proposal[],
  numbers: readonly number[] | null,
  run: number,
): readonly Proposal[] {
  const cannot = (why: string) => new Refused(`Cannot apply suggestions of run ${run}: ${why}`);
  const wanted = numbers ?? proposals.filter(({ suggested }) => suggested.definition.length > 0)
    .map(({ suggested }) => suggested.number);
  const chosen = [...new Set(wanted)].map((number) => {
    const found = proposals.find(({ suggested }) => suggested.number === number);
    if (found !== undefined) return found;
    throw cannot(`there is no suggestion ${number}, only 1 to ${proposals.length}.`);
  });
  for (
    const { suggested: { number, excludes, statement, definition, good_rows: good } } of chosen
  ) {
    const other = excludes.find((excluded) => wanted.includes(excluded));
    if (other !== undefined) {
      throw cannot(
        `${number} and ${other} exclude each other. Choose one: --apply ${number}, or --apply ${other}`,
      );
    }
    if (statement !== null && numbers !== null) {
      throw cannot(
        `${number} changes the table, not the definition. Its owner can run: ${statement}`,
      );
    }
    if (definition.length === 0) continue;
    if (numbers === null && good !== null && good.changed + good.failing > 0) {
      throw cannot(
        `${number} also changes rows that are right already. If that is meant, name the ones to ` +
          `apply: --apply ${number}`,
      );
    }
  }
  const own = chosen.filter(({ suggested }) =>
    suggested.definition.length > 0 && suggested.statement === null
  );
  if (own.length === 0) throw cannot("none of them is about the definition.");
  return own;
}

function linesOf(chosen: readonly Proposal[]): string {
  return chosen.map(({ suggested: { column, definition } }) =>
    column === null || definition.every((line) => line.startsWith("source:"))
      ? definition.join(", ")
      : `${column}: { ${definition.join(", ")} }`
  ).join("; ");
}
