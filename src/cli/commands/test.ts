/** `test`: tries the cases that lie beside definitions. */
import { DefinitionError, UnknownImporter } from "../../importer/definition_errors.ts";
import { type CaseFile, listCaseFiles, readCases } from "../../importer/cases.ts";
import { findImporter } from "../../importer/folder.ts";
import type { Session } from "../../db/session.ts";
import { SessionLost } from "../../db/session.ts";
import { tryCase } from "../../run/recheck/try_case.ts";
import { Refused } from "../../run/request/refuse/refused.ts";
import { withSession } from "../connect.ts";
import { toFailure } from "../describe_failure.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { printable } from "../render/terminal_text.ts";
import { readSettings, type Settings } from "../settings.ts";

export type TestFlags = DatabaseFlags & ImporterFlags;

interface Tried {
  readonly importer: string;
  readonly file: string;
  /** Null: the file can't be read. */
  readonly case: string | null;
  /** None: it holds. */
  readonly problems: readonly string[];
}

export async function testCommand(
  importer: string | null,
  flags: TestFlags,
  output: Output,
): Promise<number> {
  const settings = readSettings(flags);
  const all = await listCaseFiles(settings.importers);
  const files = all.filter(({ slug }) => importer === null || slug === importer);
  if (files.length === 0) {
    // Says so if there is none of that name.
    if (importer !== null) {
      await findImporter(settings.importers, importer, { ownSchema: settings.schema });
    }
    const slug = importer ?? "customers";
    throw new Refused(
      `There is nothing to test: no ${
        importer ?? "<importer>"
      }.test.yaml in ${settings.importers}. ` +
        `Write ${slug}.test.yaml beside ${slug}.yaml.`,
    );
  }
  const folder = await Deno.makeTempDir({ prefix: "ingest-test-" });
  try {
    return await withSession(settings, output, async (session) => {
      const tried: Tried[] = [];
      for (const file of files) tried.push(...await tryFile(session, file, settings, folder));
      return report(tried, flags, output);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function tryFile(
  session: Session,
  { slug, file }: CaseFile,
  { importers, schema: ownSchema }: Settings,
  folder: string,
): Promise<readonly Tried[]> {
  const about = { importer: slug, file };
  try {
    const importer = await findImporter(importers, slug, { ownSchema });
    const tried: Tried[] = [];
    for (const each of await readCases(file)) {
      const problems = await tryCase(session, importer, each, ownSchema, folder)
        .catch((error) => problemsOf(error));
      tried.push({ ...about, case: each.case, problems });
    }
    return tried;
  } catch (error) {
    return [{ ...about, case: null, problems: problemsOf(error) }];
  }
}

/** What is wrong with the case or its definition. Without a database, nothing can be said. */
function problemsOf(error: unknown): readonly string[] {
  if (error instanceof SessionLost) throw error;
  if (error instanceof DefinitionError) return error.problems.map(({ message }) => message);
  if (error instanceof UnknownImporter) return [error.message];
  const { code, message } = toFailure(error);
  if (code === "internal") throw error;
  return [message];
}

function report(tried: readonly Tried[], flags: TestFlags, output: Output): number {
  const failed = tried.filter(({ problems }) => problems.length > 0).length;
  const exit = failed === 0 ? EXIT.done : EXIT.failed;
  if (flags.json) {
    output.json({
      data: tried.map((each) => ({ ...each, ok: each.problems.length === 0 })),
    });
    return exit;
  }
  const style = output.styleOf(output.stdout);
  for (const { importer, file, case: name, problems } of tried) {
    const line = printable(`${importer}: ${name ?? file}`);
    output.print(
      problems.length === 0 ? `${style.green("ok")}   ${line}` : `${style.red("FAIL")} ${line}`,
    );
    for (const problem of problems) output.print(`     ${printable(problem)}`);
  }
  output.print(`${tried.length - failed} passed, ${failed} failed`);
  return exit;
}
