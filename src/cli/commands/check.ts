/** `check`: finds mistakes in definitions, by themselves and against the database's catalog. */
import { UsageError } from "../../config/usage_error.ts";
import { UnknownImporter } from "../../importer/definition_errors.ts";
import { type Importer, loadImporters } from "../../importer/folder.ts";
import { notesOn } from "../../importer/document/notes.ts";
import type { Problem } from "../../importer/problem.ts";
import { compareWithTable } from "../../run/request/compare.ts";
import { problemsOfHooks } from "../../run/request/problems_of_hooks.ts";
import { namesDatabase, withSession } from "../connect.ts";
import { Refused } from "../../run/request/refuse/refused.ts";
import type { AdHocFlags } from "../choose_definition.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import type { OverrideFlags } from "../overrides.ts";
import { printable } from "../render/terminal_text.ts";
import { readSettings, type Settings } from "../settings.ts";
import { describeEmpty } from "./list.ts";
import { watchNotes } from "../watch_notes.ts";

/** With `file`, check_file.ts does the work. */
export type CheckFlags = DatabaseFlags & ImporterFlags & OverrideFlags & AdHocFlags & {
  readonly file?: readonly string[];
  readonly allowHost?: readonly string[];
  /** With it, check_against.ts does the work. */
  readonly against?: number;
};

/** Options that make sense for a file only. */
export const OF_A_FILE = [
  ["allowHost", "--allow-host"],
  ["table", "--table"],
  ["key", "--key"],
  ["onDuplicate", "--on-duplicate"],
  ["identity", "--identity"],
  ["delimiter", "--delimiter"],
  ["quote", "--quote"],
  ["escape", "--escape"],
  ["comment", "--comment"],
  ["encoding", "--encoding"],
  ["sheet", "--sheet"],
  ["skipLines", "--skip-lines"],
  ["member", "--member"],
  ["maxUnpacked", "--max-unpacked"],
] as const;

interface Checked {
  readonly slug: string;
  readonly table: string | null;
  /** For its local times; null if it has none, or was not compared. */
  readonly timeZone: string | null;
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  /** What the definition means without saying so. */
  readonly notes: readonly Finding[];
}

type Finding = Pick<Problem, "file" | "line" | "path" | "message">;

export async function checkCommand(
  slug: string | null,
  flags: CheckFlags,
  output: Output,
): Promise<number> {
  const alone = OF_A_FILE.find(([flag]) => flags[flag] !== undefined);
  if (alone !== undefined) throw new UsageError(`${alone[1]} needs --file: which file to look at`);
  const settings = readSettings(flags);
  const { importers: folder, schema } = settings;
  const importers = await loadImporters(folder, { ownSchema: schema });
  const wanted = (one: { readonly slug: string }) => slug === null || one.slug === slug;
  const broken = importers.broken.filter(wanted);
  const usable = importers.usable.filter(({ definition }) => wanted(definition));
  if (broken.length + usable.length === 0) {
    if (slug === null) throw new Refused(describeEmpty(folder, importers));
    throw unknown(slug, folder, importers);
  }
  const inThemselves: Checked[] = broken.map(({ slug, problems }) => ({
    slug,
    table: null,
    timeZone: null,
    problems,
    warnings: [],
    notes: [],
  }));
  const named = flags.embedded === true || namesDatabase(settings);
  const checked = [...inThemselves, ...await checkUsable(usable, named, settings, output)];
  report(checked.toSorted((a, b) => a.slug < b.slug ? -1 : 1), flags, output);
  if (!named && usable.length > 0) {
    output.note("No database is named (DATABASE_URL, --database-url): tables were not compared.");
  }
  return checked.some(({ problems }) => problems.length > 0) ? EXIT.failed : EXIT.done;
}

async function checkUsable(
  usable: readonly Importer[],
  named: boolean,
  settings: Settings,
  output: Output,
): Promise<Checked[]> {
  if (usable.length === 0) return [];
  if (!named) {
    return await Promise.all(usable.map(async (importer) => {
      const { notes, warnings } = await watchNotes(importer);
      const { slug, table } = importer.definition;
      const own = notesOn(importer.definition, importer);
      const problems = await problemsOfHooks(importer);
      return { slug, table, timeZone: null, problems, warnings, notes: [...own, ...notes] };
    }));
  }
  return await withSession(settings, output, async (session) => {
    const checked: Checked[] = [];
    for (const importer of usable) {
      const { slug, table } = importer.definition;
      const found = await compareWithTable(session, importer, settings.schema);
      const watching = await watchNotes(importer);
      const warnings = [...found.warnings, ...watching.warnings];
      const notes = [...notesOn(importer.definition, importer), ...watching.notes];
      const problems = [...found.problems, ...await problemsOfHooks(importer)];
      checked.push({ slug, table, ...found, problems, warnings, notes });
    }
    return checked;
  });
}

function report(checked: readonly Checked[], flags: CheckFlags, output: Output): void {
  if (flags.json) {
    output.json({
      data: checked.map(({ slug, table, timeZone, problems, warnings, notes }) => ({
        slug,
        table,
        time_zone: timeZone,
        ok: problems.length === 0,
        problems,
        warnings,
        notes,
      })),
    });
    return;
  }
  const style = output.styleOf(output.stdout);
  for (const { slug, table, timeZone, problems, warnings, notes } of checked) {
    const zone = timeZone === null ? "" : `, local times in ${timeZone}`;
    if (problems.length === 0) output.print(`${style.green("ok")}  ${slug} → ${table}${zone}`);
    for (const { message } of problems) output.print(`${style.red("bad")} ${printable(message)}`);
    for (const { message } of warnings) {
      output.print(`    ${style.yellow("warning:")} ${printable(message)}`);
    }
    for (const { message } of notes) output.print(`    note: ${printable(message)}`);
  }
}

function unknown(
  slug: string,
  folder: string,
  { usable, broken, exists }: Awaited<ReturnType<typeof loadImporters>>,
): UnknownImporter {
  const known = [...usable.map(({ definition }) => definition.slug), ...broken.map((b) => b.slug)];
  return new UnknownImporter(slug, folder, exists ? known.toSorted() : null);
}
