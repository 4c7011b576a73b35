/** `check --file`: shows how files would be understood, without a run. */
import { UsageError } from "../../config/usage_error.ts";
import { type PreviewReport, toPreviewReport } from "../../report/preview_report.ts";
import { filesToLookAt } from "../../run/request/look/files_to_look_at.ts";
import { preview, type PreviewTable } from "../../run/request/preview.ts";
import { isElsewhere } from "../../run/request/remote/asked_address.ts";
import { type AdHocFlags, chooseDefinition } from "../choose_definition.ts";
import { refuseUnknownSchemes } from "../choose_files.ts";
import { namesDatabase, withSession } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { applyOverrides, type OverrideFlags } from "../overrides.ts";
import { remoteAccess } from "../remote_access.ts";
import { renderPreview } from "../render/preview.ts";
import { readSettings } from "../settings.ts";
import { onStopSignals } from "../signals.ts";

/** They have to fit on a screen. */
const SHOWN_ROWS = 5;

export interface CheckFileFlags extends DatabaseFlags, ImporterFlags, OverrideFlags, AdHocFlags {
  readonly file: readonly string[];
}

export async function checkFileCommand(
  importer: string | null,
  flags: CheckFileFlags,
  output: Output,
): Promise<number> {
  const { file: files } = flags;
  if (files.includes("") || files.includes("-")) {
    throw new UsageError("--file: expected the path of a file; standard input can't be checked");
  }
  refuseUnknownSchemes(files);
  const stop = new AbortController();
  using _signals = files.some(isElsewhere)
    ? onStopSignals({ first: () => stop.abort(), again: () => Deno.exit(130) })
    : null;
  let report: PreviewReport;
  try {
    report = await look(importer, flags, stop.signal, output);
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    output.note("Stopped before the file was fetched.");
    return EXIT.cancelled;
  }
  if (flags.json) output.json({ data: report });
  else {
    const { stdout } = output;
    const width = output.widthOf(stdout);
    output.printAll(renderPreview(report, { width, style: output.styleOf(stdout) }));
  }
  return report.ok ? EXIT.done : EXIT.failed;
}

async function look(
  importer: string | null,
  flags: CheckFileFlags,
  signal: AbortSignal,
  output: Output,
): Promise<PreviewReport> {
  const settings = readSettings(flags);
  const { definition: written, origin } = await chooseDefinition(importer, flags, settings);
  const definition = applyOverrides(written, flags);
  const folder = await Deno.makeTempDir({ prefix: "ingest-check-" });
  try {
    const access = remoteAccess(settings, signal);
    const { name, first, others, all } = await filesToLookAt(
      flags.file,
      definition,
      folder,
      access,
    );
    const lookAt = (table: PreviewTable) =>
      preview({
        ...{ definition, origin, ...first, user: settings.user, folder },
        ...{ shown: SHOWN_ROWS, others },
      }, table);
    const named = flags.embedded === true || namesDatabase(settings);
    const found = named
      ? await withSession(
        settings,
        output,
        (session) => lookAt({ session, ledgerSchema: settings.schema }),
      )
      : await lookAt(null);
    if (!named) {
      output.note(
        "No database is named (DATABASE_URL, --database-url): only the file was looked at.",
      );
    }
    return toPreviewReport(found, {
      ...{ importer: definition.slug, table: definition.table, file: name, longest: null },
      isBeginning: first.isBeginning,
      ...others && { files: { all, lookedAt: 1 + others.length } },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
