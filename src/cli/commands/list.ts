import type { Definition } from "../../importer/definition.ts";
import { type BrokenImporter, type Importers, loadImporters } from "../../importer/folder.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";
import { readWatched } from "../list_watched.ts";
import { renderTable, type TextColumn } from "../render/text_table.ts";

export type ListFlags = DatabaseFlags & ImporterFlags;

const COLUMNS: readonly TextColumn[] = [
  { title: "importer" },
  { title: "table" },
  { title: "source" },
  { title: "key" },
  { title: "on duplicate" },
  { title: "description" },
];

export async function listCommand(flags: ListFlags, output: Output): Promise<number> {
  const settings = readSettings(flags);
  const folder = settings.importers;
  const importers = await loadImporters(folder);
  const { usable, broken } = importers;
  const watched = await readWatched(usable, flags, settings, output);
  if (flags.json) {
    output.json({
      data: usable.map(({ definition }) => definition),
      meta: {
        broken: broken.map(({ slug, problems }) => ({ slug, problems })),
        ...watched !== null && {
          watched: watched.folders,
          schedules: watched.schedules,
        },
      },
    });
    return EXIT.done;
  }
  if (usable.length + broken.length === 0) output.note(describeEmpty(folder, importers));
  if (usable.length > 0) {
    const { width, style } = output.listFrame();
    const rows = usable.map(({ definition }) => cells(definition));
    output.printAll(renderTable(COLUMNS, rows, width, style));
  }
  for (const line of watched?.lines ?? []) output.print(line);
  for (const importer of broken) output.note(describeBroken(importer));
  return EXIT.done;
}

/** Either the folder is empty, or it doesn't exist. */
export function describeEmpty(folder: string, { exists }: Importers): string {
  return (exists ? `The folder ${folder} has no definitions.` : `There is no folder ${folder}.`) +
    ` Start with a file such as ${folder}/customers.yaml that says \`table: customers\`.`;
}

function cells({ slug, table, source, key, on_duplicate, description }: Definition): string[] {
  return [
    slug,
    table,
    [source.type, source.url?.replace(/[?#].*$/u, "") ?? source.path ?? []].flat().join(" "),
    key.length === 0 ? "-" : key.join(", "),
    on_duplicate,
    description ?? "",
  ];
}

function describeBroken({ slug, problems }: BrokenImporter): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `${slug} can't be used: ${count}. See why: ingest check ${slug}`;
}
