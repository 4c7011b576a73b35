/** Fetches the first bytes of files that are elsewhere, to see what they are like. */
import type { Definition } from "../../../importer/definition.ts";
import { SourceError } from "../../../source/error.ts";
import type { Fetched, RemoteAccess } from "../../../source/remote/remote.ts";
import { placeOf } from "../../../source/remote/variables.ts";
import { namedObjects } from "./named_objects.ts";

/** Bytes of a file. */
const ENOUGH = 1024 * 1024;
/** Files that are fetched; others are only counted. */
const MOST = 20;

export interface Beginnings {
  readonly files: readonly Fetched[];
  /** How many more files a run would read. */
  readonly others: number;
}

/**
 * In the order in which a run reads them. The copies in `folder` are the caller's, also if it throws:
 * SourceError and StorageError.
 */
export async function fetchBeginnings(
  { source }: Definition,
  addresses: readonly string[],
  folder: string,
  access: RemoteAccess,
): Promise<Beginnings> {
  const maxBytes = source.max_download ?? access.maxBytes;
  const limited = { ...access, maxBytes };
  const files: Fetched[] = [];
  let others = 0;
  for (const address of addresses) {
    const place = placeOf(source, address, limited);
    const { kind, objects } = await namedObjects(place, limited);
    for (const object of objects) {
      if (files.length === MOST) {
        others++;
        continue;
      }
      const wanted = { known: null, folder, beginning: ENOUGH };
      const file = await kind.fetch(object, place, limited, wanted);
      if (file === null) {
        throw new SourceError(`Cannot fetch ${object.name}: the server sends none.`);
      }
      files.push(file);
    }
  }
  return { files, others };
}
