/** `errors --suggest` and `--apply`. */
import { UnknownImporter } from "../importer/definition_errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { applySuggestions } from "../run/request/suggest/apply.ts";
import { propose } from "../run/request/suggest/suggest.ts";
import { EXIT } from "./exit_codes.ts";
import type { CommonFlags } from "./flags.ts";
import type { Output } from "./output.ts";
import { renderApplied, renderSuggestions } from "./render/suggestions.ts";
import type { Settings } from "./settings.ts";

export interface SuggestFlags extends CommonFlags {
  readonly apply?: true | readonly number[];
}

export async function suggest(
  ledger: Ledger,
  run: Run,
  flags: SuggestFlags,
  { importers, schema }: Settings,
  output: Output,
): Promise<number> {
  const found = await propose(ledger, run, { importersFolder: importers, ownSchema: schema });
  const { style } = output.listFrame();
  if (flags.apply === undefined) {
    if (flags.json) output.json({ data: found.report });
    else output.printAll(renderSuggestions(found.report, run, style));
    return EXIT.done;
  }
  const numbers = flags.apply === true ? null : flags.apply;
  try {
    const applied = await applySuggestions(ledger, run, found, {
      numbers,
      importersFolder: importers,
      ownSchema: schema,
    });
    if (flags.json) output.json({ data: { file: applied.file, rows: applied.rows } });
    else output.printAll(renderApplied(applied, run.id, style));
  } catch (error) {
    if (error instanceof UnknownImporter) {
      error.message += "; name its folder: --importers";
    }
    throw error;
  }
  return EXIT.done;
}
