/**
 * Keeps what somebody has settled for a file: as a new importer, or in an importer's definition. What
 * is written is checked as every definition is, before and after.
 */
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { ColumnMapping } from "../../../importer/column_mapping.ts";
import type { Definition, OnDuplicate } from "../../../importer/definition.ts";
import { DefinitionError } from "../../../importer/definition_errors.ts";
import { editSettings, type FileSettings } from "../../../importer/document/edit_settings.ts";
import { NotEditable } from "../../../importer/document/edit_document.ts";
import { findImporter, type Importer, loadImporters } from "../../../importer/folder.ts";
import { parseExtended } from "../../../importer/extend.ts";
import { slugFault } from "../../../importer/slug.ts";
import { Refused } from "../refuse/refused.ts";
import { createFile, NameTaken, replaceFile } from "./definition_file.ts";
import { definitionText } from "./write_definition.ts";

/** The folder can't be written to. The message is fit for everybody; the cause says why. */
export class CannotSave extends Error {
  override readonly name = "CannotSave";

  constructor(cause: unknown) {
    super("The server can't write into its folder of importers.", { cause });
  }
}

export interface NewSettings extends FileSettings {
  readonly slug: string;
  readonly table: string;
  readonly description?: string;
  readonly key: readonly string[];
  readonly onDuplicate?: OnDuplicate;
  readonly identity?: string;
}

export interface Place {
  readonly folder: string;
  readonly ownSchema: string;
  /** Compares a definition with its table. Throws DefinitionError if they don't fit. */
  check(importer: Importer): Promise<readonly string[]>;
}

export interface Saved {
  readonly definition: Definition;
  readonly file: string;
  readonly text: string;
  readonly warnings: readonly string[];
}

/** The name can't be that of an importer. The message completes "slug: ". */
export class WrongSlug extends Error {
  override readonly name = "WrongSlug";
}

/**
 * As `<slug>.yaml`. Throws WrongSlug, Refused if the name is taken, DefinitionError, CannotSave. If the
 * same was saved before, nothing is written.
 */
export async function saveNew(settings: NewSettings, place: Place): Promise<Saved> {
  const { slug, source, columns } = settings;
  const fault = slugFault(slug);
  if (fault !== null) throw new WrongSlug(fault);
  const { folder, ownSchema } = place;
  const file = join(folder, `${slug}.yaml`);
  const text = definitionText({
    table: settings.table,
    description: settings.description,
    source,
    key: settings.key.length === 0 ? undefined : settings.key,
    on_duplicate: settings.onDuplicate,
    identity: settings.identity,
    columns: onlyFilled(columns),
  });
  const checked = await checkText(text, file, place);
  if (await isSame(file, text)) return { ...checked, file, text };
  const { usable, broken } = await loadImporters(folder, { ownSchema });
  const isTaken = usable.some(({ definition }) => definition.slug === slug) ||
    broken.some((each) => each.slug === slug);
  if (isTaken) throw taken(slug);
  await createFile(file, text).catch(async (error) => {
    if (!(error instanceof NameTaken)) throw new CannotSave(error);
    if (!await isSame(file, text)) throw taken(slug);
  });
  try {
    await assertFound(checked.definition, place);
  } catch (error) {
    // Somebody has just saved another definition that has this slug: this one must not break it.
    await Deno.remove(file);
    throw error;
  }
  return { ...checked, file, text };
}

/**
 * In the importer's file, where nothing else changes. Throws UnknownImporter, Refused if only a person
 * can edit the file, DefinitionError, CannotSave.
 */
export async function saveChanges(
  slug: string,
  settings: FileSettings,
  place: Place,
): Promise<Saved> {
  const { folder, ownSchema } = place;
  const { definition, file } = await findImporter(folder, slug, { ownSchema });
  const cannot = (why: string) => new Refused(`Cannot save this in ${basename(file)}: ${why}.`);
  if (!/\.(?:ya?ml|json)$/iu.test(file)) {
    throw cannot("a definition in JavaScript is only changed by whoever wrote it");
  }
  const before = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
    .decode(await Deno.readFile(file));
  let after: string;
  try {
    after = editSettings(before, file, definition, settings);
  } catch (error) {
    if (error instanceof NotEditable) throw cannot(error.message);
    throw error;
  }
  const checked = await checkText(after, file, place);
  if (after !== before) {
    await replaceFile(file, before, after).catch((error) => {
      if (error instanceof Refused) throw error;
      throw error instanceof Deno.errors.NotFound
        ? new Refused(`${basename(file)} has just been removed by somebody else.`)
        : new CannotSave(error);
    });
  }
  await assertFound(checked.definition, place);
  return { ...checked, file, text: after };
}

/** Columns that the file doesn't fill need no word: others than these are not filled. */
function onlyFilled(columns: ColumnMapping): Readonly<Record<string, string>> | undefined {
  const filled = Object.entries(columns).flatMap(([column, from]) =>
    from === null ? [] : [[column, from] as const]
  );
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}

type Checked = Pick<Saved, "definition" | "warnings">;

async function checkText(
  text: string,
  file: string,
  { ownSchema, check }: Place,
): Promise<Checked> {
  const parsed = await parseExtended(text, file, { ownSchema });
  if ("problems" in parsed) throw new DefinitionError(parsed.problems);
  return { definition: parsed.definition, warnings: await check({ ...parsed, file }) };
}

/** What is found under the slug from now on is what was meant. */
async function assertFound(
  definition: Definition,
  { folder, ownSchema }: Pick<Place, "folder" | "ownSchema">,
): Promise<void> {
  const found = await findImporter(folder, definition.slug, { ownSchema });
  if (isDeepStrictEqual(found.definition, definition)) return;
  throw new Refused(
    `${
      basename(found.file)
    } was changed by somebody else at the same moment: look at it, then try again.`,
  );
}

async function isSame(file: string, text: string): Promise<boolean> {
  return await Deno.readTextFile(file).then((now) => now === text, () => false);
}

function taken(slug: string): Refused {
  return new Refused(
    `There is an importer ${slug} already, and it stays as it is: choose another name.`,
  );
}
