/** `init`: writes a definition that fits a file and its table. */
import { basename, dirname, join, relative } from "node:path";
import { UsageError } from "../../config/usage_error.ts";
import type { Session } from "../../db/session.ts";
import { adHocDefinition } from "../../importer/ad_hoc.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import { loadImporters } from "../../importer/folder.ts";
import { parseDefinition } from "../../importer/parse.ts";
import { slugFault, toSlug } from "../../importer/slug.ts";
import { parseTableName } from "../../importer/table_name.ts";
import { draftDefinition, type Drafted } from "../../run/guess/draft_definition.ts";
import { draftText } from "../../run/guess/draft_text.ts";
import { preview } from "../../run/request/preview.ts";
import { Refused } from "../../run/request/refuse/refused.ts";
import { isElsewhere } from "../../run/request/remote/asked_address.ts";
import { createFile, NameTaken } from "../../run/request/save/definition_file.ts";
import { storeFile } from "../../run/request/stored_file.ts";
import { namesDatabase, withSession } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { applyOverrides, type OverrideFlags, sourceOverrides } from "../overrides.ts";
import { printable } from "../render/terminal_text.ts";
import { readSettings, type Settings } from "../settings.ts";

export interface InitFlags extends DatabaseFlags, ImporterFlags, OverrideFlags {
  readonly from?: readonly string[];
  readonly table?: string;
  readonly force?: boolean;
}

export async function initCommand(
  importer: string | null,
  flags: InitFlags,
  output: Output,
): Promise<number> {
  const settings = readSettings(flags);
  const from = flags.from ?? [];
  if (from.length === 0 || from.includes("")) {
    throw new UsageError("init needs a file to look at: ingest init --from customers.csv");
  }
  if (from.some(isElsewhere)) {
    throw new UsageError("--from reads all of the file: download it first, and name it then");
  }
  const isStdin = from.includes("-");
  if (isStdin && (from.length > 1 || flags.table === undefined)) {
    throw new UsageError("--from - is standard input: it stands alone, and needs --table");
  }
  const table = flags.table ?? tableOf(from[0]);
  const slug = chooseSlug(importer, table);
  const file = join(settings.importers, `${slug}.yaml`);
  await refuseTaken(slug, file, flags.force === true, settings);
  const folder = await Deno.makeTempDir({ prefix: "ingest-init-" });
  try {
    const input = isStdin
      ? await storeFile(Deno.stdin.readable, "stdin", folder, Number.MAX_SAFE_INTEGER)
      : null;
    const files = input === null ? from : [input.path];
    const own = adHocDefinition({ table }, { ownSchema: settings.schema });
    const wish = {
      ...{ definition: applyOverrides(own, flags), isTableGiven: flags.table !== undefined },
      ...{ files, name: from.map((path) => basename(path)).join(", "), folder },
      ...{ given: sourceOverrides(flags), ownSchema: settings.schema },
    };
    const work = async (session: Session | null) => {
      const drafted = await draftDefinition(session, wish);
      const text = draftText(drafted.draft, await schemaFor(settings.importers));
      const problems = await checkText(text, file, files, { session, folder, settings });
      await write(file, text, flags.force === true);
      return { ...drafted, text, problems };
    };
    const named = flags.table !== undefined || flags.embedded === true || namesDatabase(settings);
    const made = named ? await withSession(settings, output, work) : await work(null);
    report({ ...made, slug, file, path: from[0] }, flags, output);
    return EXIT.done;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** `Kunden-2024.csv` → `kunden_2024`. */
function tableOf(path: string): string {
  const name = toSlug(basename(path.replaceAll("\\", "/")).replace(/(?:\.\w+)+$/u, ""))
    .replaceAll("-", "_");
  const table = /^\d/u.test(name) ? `_${name}` : name;
  if (table === "") throw new UsageError(`Name the table that ${path} is for: --table customers`);
  return table;
}

function chooseSlug(importer: string | null, table: string): string {
  const slug = importer ?? toSlug(parseTableName(table)?.name ?? "").replace(/^_+/u, "");
  const fault = slugFault(slug);
  if (fault === null) return slug;
  throw new UsageError(
    importer === null
      ? `Name the importer for ${table}: ingest init customers --from …`
      : `${slug} can't be an importer's name: ${fault}`,
  );
}

/** `--force` overwrites this file, and no other that has the slug. */
async function refuseTaken(
  slug: string,
  file: string,
  force: boolean,
  { importers: folder, schema: ownSchema }: Settings,
): Promise<void> {
  const { usable, broken } = await loadImporters(folder, { ownSchema });
  const files = [
    ...usable.filter(({ definition }) => definition.slug === slug).map((one) => one.file),
    ...broken.filter((one) => one.slug === slug).flatMap(({ problems }) =>
      problems.map((p) => p.file)
    ),
  ];
  const other = files.find((each) => basename(each) !== basename(file));
  if (other !== undefined) {
    throw new Refused(
      `${other} is the importer ${slug} already. Name another: ingest init <name> …`,
    );
  }
  if (!force && (files.length > 0 || await exists(file))) throw taken(file);
}

function taken(file: string): Refused {
  return new Refused(`${file} is there already, and stays as it is. --force overwrites it.`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Where the schema lies that `ingest schema` has written, from the folder of definitions. */
async function schemaFor(folder: string): Promise<string | null> {
  const schema = join(dirname(folder), "ingest.schema.json");
  return await exists(schema) ? relative(folder, schema) : null;
}

/** What a run would be refused for. A definition that can't be read at all is a bug. */
async function checkText(
  text: string,
  file: string,
  files: readonly string[],
  { session, folder, settings }: {
    readonly session: Session | null;
    readonly folder: string;
    readonly settings: Settings;
  },
): Promise<readonly string[]> {
  const parsed = parseDefinition(text, file, { ownSchema: settings.schema });
  if ("problems" in parsed) throw new DefinitionError(parsed.problems);
  // Of several, each is checked when they are loaded.
  const isOne = files.length === 1 &&
    await Deno.stat(files[0]).then((stat) => stat.isFile, () => false);
  if (!isOne) return [];
  const found = await preview({
    ...{ definition: parsed.definition, origin: { file, positions: parsed.positions } },
    ...{ path: files[0], name: files[0], user: settings.user, folder },
    ...{ isBeginning: false, shown: 1 },
  }, session === null ? null : { session, ledgerSchema: settings.schema });
  return found.problems;
}

async function write(file: string, text: string, force: boolean): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true });
  if (force) return await Deno.writeTextFile(file, text);
  await createFile(file, text).catch((error) => {
    throw error instanceof NameTaken ? taken(file) : error;
  });
}

interface Made extends Drafted {
  readonly slug: string;
  readonly file: string;
  readonly text: string;
  readonly problems: readonly string[];
  readonly path: string;
}

function report(
  { slug, file, path, text, draft, catalog, problems }: Made,
  flags: InitFlags,
  output: Output,
): void {
  const { table, columns, key, doubts } = draft;
  if (flags.json) {
    output.json({
      data: {
        ...{ importer: slug, file, table, table_found: catalog !== null, key, text },
        columns: columns.map(({ target, source, rule, comments }) => ({
          ...{ column: target, from: source, rule, found: comments },
        })),
        doubts,
        problems,
      },
    });
    return;
  }
  output.print(`${file}: ${columns.length} columns for ${table}. Read it before you run it.`);
  const style = output.styleOf(output.stdout);
  for (const doubt of doubts) output.print(`    ${style.yellow("look:")} ${printable(doubt)}`);
  for (const problem of problems.filter((each) => !each.includes("nothing fills"))) {
    output.print(`    ${style.yellow("look:")} ${printable(problem)}`);
  }
  if (catalog === null) {
    output.note(
      `The table ${table} was not looked at, or isn't there. The definition ends with a statement ` +
        "that creates it.",
    );
  }
  output.note(`Next: ingest check ${slug} --file ${path}, then ingest run ${slug} --file ${path}`);
}
