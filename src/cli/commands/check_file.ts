/** `check --file`: shows how a file would be understood, without a run. */
import { UsageError } from "../../config/usage_error.ts";
import { toPreviewReport } from "../../report/preview_report.ts";
import { preview, type PreviewTable } from "../../run/request/preview.ts";
import { isElsewhere } from "../../run/request/remote/asked_address.ts";
import { type AdHocFlags, chooseDefinition } from "../choose_definition.ts";
import { namesDatabase, withSession } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { applyOverrides, type OverrideFlags } from "../overrides.ts";
import { renderPreview } from "../render/preview.ts";
import { readSettings } from "../settings.ts";

/** They have to fit on a screen. */
const SHOWN_ROWS = 5;

export interface CheckFileFlags extends DatabaseFlags, ImporterFlags, OverrideFlags, AdHocFlags {
  readonly file: string;
}

export async function checkFileCommand(
  importer: string | null,
  flags: CheckFileFlags,
  output: Output,
): Promise<number> {
  const settings = readSettings(flags);
  const { file } = flags;
  if (file === "" || file === "-") {
    throw new UsageError("--file: expected the path of a file; standard input can't be checked");
  }
  if (isElsewhere(file)) {
    throw new UsageError(
      "--file: a file from elsewhere is only looked at by fetching it: ingest run … --dry-run",
    );
  }
  const { definition: written, origin } = await chooseDefinition(importer, flags, settings);
  const definition = applyOverrides(written, flags);
  const folder = await Deno.makeTempDir({ prefix: "ingest-check-" });
  try {
    const look = (table: PreviewTable) =>
      preview({
        ...{ definition, origin, path: file, name: file, user: settings.user, folder },
        ...{ isBeginning: false, shown: SHOWN_ROWS },
      }, table);
    const named = flags.embedded === true || namesDatabase(settings);
    const found = named
      ? await withSession(
        settings,
        output,
        (session) => look({ session, ledgerSchema: settings.schema }),
      )
      : await look(null);
    const { slug, table } = definition;
    const report = toPreviewReport(found, {
      ...{ importer: slug, table, file, isBeginning: false, longest: null },
    });
    if (flags.json) output.json({ data: report });
    else {
      const { stdout } = output;
      const width = output.widthOf(stdout);
      output.printAll(renderPreview(report, { width, style: output.styleOf(stdout) }));
    }
    if (!named) {
      output.note(
        "No database is named (DATABASE_URL, --database-url): only the file was looked at.",
      );
    }
    return report.ok ? EXIT.done : EXIT.failed;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
