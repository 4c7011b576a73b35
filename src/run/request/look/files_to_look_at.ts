/** Which files a run would read, as far as they are looked at. */
import type { Definition } from "../../../importer/definition.ts";
import { listFiles } from "../../../source/file/list_files.ts";
import type { RemoteAccess } from "../../../source/remote/remote.ts";
import { indexesWithContent } from "../combine/empty_files.ts";
import { nameOfAll } from "../combine/names.ts";
import { areRemote } from "../remote/fetch_files.ts";
import { fetchBeginnings } from "../remote/fetch_beginnings.ts";
import type { LookedAtFile } from "./other_files.ts";

export interface FilesToLookAt {
  /** What all of them are called together. */
  readonly name: string;
  /** The first one with bytes in it. */
  readonly first: LookedAtFile;
  /** In order. Undefined: a run would read only one. */
  readonly others?: readonly LookedAtFile[];
  /** How many a run would read. */
  readonly all: number;
}

/**
 * `given`: names, patterns, folders and addresses. Copies of what is elsewhere are left in `folder`,
 * also if it throws: SourceError and StorageError.
 */
export async function filesToLookAt(
  given: readonly string[],
  definition: Definition,
  folder: string,
  access: RemoteAccess,
): Promise<FilesToLookAt> {
  const { files, more } = await findFiles(given, definition, folder, access);
  const all = files.length + more;
  if (all === 1) return { name: files[0].name, first: files[0], all };
  const [firstIndex] = await indexesWithContent(files.map(({ path }) => path));
  return {
    name: nameOfAll(files[0].name, all - 1),
    first: files[firstIndex],
    others: files.filter((_, index) => index !== firstIndex),
    all,
  };
}

async function findFiles(
  given: readonly string[],
  definition: Definition,
  folder: string,
  access: RemoteAccess,
): Promise<{ readonly files: readonly LookedAtFile[]; readonly more: number }> {
  if (!areRemote(given, definition)) {
    const paths = await listFiles(given);
    return { files: paths.map((path) => ({ path, name: path, isBeginning: false })), more: 0 };
  }
  const { files, others } = await fetchBeginnings(definition, given, folder, access);
  return { files, more: others };
}
