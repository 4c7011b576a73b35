/** `view`: the failed rows of an importer as a view that any SQL client can edit. */
import { requireRun } from "../../ledger/runs/runs.ts";
import { dropFailedView, makeFailedView } from "../../run/request/failed_view.ts";
import { otherNames } from "../../report/source_names.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { renderView, viewReport } from "../render/view.ts";
import { readSettings } from "../settings.ts";

export interface ViewFlags extends DatabaseFlags {
  readonly drop?: boolean;
}

export async function viewCommand(id: number, flags: ViewFlags, output: Output): Promise<number> {
  return await withDatabase(readSettings(flags), output, { migrate: true }, async ({ ledger }) => {
    const run = await requireRun(ledger, id);
    if (flags.drop) {
      const { view, dropped } = await dropFailedView(ledger, run);
      if (flags.json) output.json({ data: { view, dropped } });
      else output.print(dropped ? `Dropped the view ${view}.` : `There is no view ${view}.`);
      return EXIT.done;
    }
    const made = await makeFailedView(ledger, run, (root) => otherNames(ledger, root));
    if (made === null) {
      if (flags.json) output.json({ data: null });
      output.note(`ingest: Run ${id} has no failed rows that could be corrected: no view is made.`);
    } else if (flags.json) output.json({ data: viewReport(made) });
    else output.printAll(renderView(made, id, output.listFrame().style));
    return EXIT.done;
  });
}
