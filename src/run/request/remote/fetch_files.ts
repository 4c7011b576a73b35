/** Fetches the files of a run that are elsewhere into storage, unless they have been loaded. */
import { createHash } from "node:crypto";
import type { Definition } from "../../../importer/definition.ts";
import type { NewRemoteObject } from "../../../ledger/watched/remote_objects.ts";
import type { Table } from "../../../load/catalog/table.ts";
import { SourceError } from "../../../source/error.ts";
import { isAddress } from "../../../source/remote/kinds.ts";
import type { Fetched, Place, RemoteAccess } from "../../../source/remote/remote.ts";
import { placeOf } from "../../../source/remote/variables.ts";
import type { WithLedger } from "../with_ledger.ts";
import { namedObjects } from "./named_objects.ts";
import { knownObjects, type LastLoad, lastLoad, nothingNew } from "./nothing_new.ts";

export interface RemoteRequest {
  readonly definition: Definition;
  /** As they were named, or as the definition has it. */
  readonly addresses: readonly string[];
  readonly spoolFolder: string;
  readonly access: RemoteAccess;
  /** Fetches them even if they haven't changed. */
  readonly always: boolean;
}

export interface FetchedFiles {
  readonly files: readonly Fetched[];
  /** For the run. */
  readonly objects: readonly NewRemoteObject[];
}

/** Does a run read files from elsewhere? Throws SourceError for a mixture. */
export function areRemote(names: readonly string[], { source }: Definition): boolean {
  // All of an address may be a variable.
  const isRemote = (name: string) => isAddress(name) || name === source.url;
  if (!names.some(isRemote)) return false;
  const local = names.find((name) => !isRemote(name));
  if (local === undefined) return true;
  throw new SourceError(
    `Cannot import ${local} together with files from elsewhere. Import them in two runs.`,
  );
}

/**
 * Throws SourceError, StorageError, and LoadedBefore if there is nothing new. Then no copy is left.
 */
export async function fetchFiles(
  withLedger: WithLedger,
  request: RemoteRequest,
  table: Table,
): Promise<FetchedFiles> {
  const { definition, addresses, access } = request;
  const files: Fetched[] = [];
  const objects: NewRemoteObject[] = [];
  // Of addresses that are all unchanged, what their last run was.
  const unchanged: LastLoad[] = [];
  const places = addresses.map((address) => placeOf(definition.source, address, access));
  try {
    for (const place of places) {
      const address = hashOf(place.address);
      // Together with others, an unchanged file is needed, too.
      const last = request.always || places.length > 1
        ? null
        : await lastLoad(withLedger, { definition, table, address });
      const found = await fetchAll(place, request, last);
      if (found === null) {
        unchanged.push(last!);
        continue;
      }
      files.push(...found);
      objects.push(
        ...found.map(({ name, version }) => ({ address, name, ...version })),
      );
    }
  } catch (error) {
    await discard(files);
    throw error;
  }
  const [last] = unchanged;
  if (last !== undefined) throw nothingNew(last);
  return { files, objects };
}

/** Null: nothing of it has changed. */
async function fetchAll(
  place: Place,
  { access, spoolFolder: folder }: RemoteRequest,
  last: LastLoad | null,
): Promise<Fetched[] | null> {
  const { kind, objects } = await namedObjects(place, access);
  if (last !== null && knownObjects(last, objects)) return null;
  const only = objects.length === 1 && last?.objects.length === 1 ? last.objects[0] : null;
  const files: Fetched[] = [];
  try {
    for (const object of objects) {
      const file = await kind.fetch(object, place, access, { known: only, folder });
      if (file === null) return null;
      files.push(file);
    }
    return files;
  } catch (error) {
    await discard(files);
    throw error;
  }
}

function hashOf(address: string): string {
  return createHash("sha256").update(address).digest("hex");
}

async function discard(files: readonly Fetched[]): Promise<void> {
  for (const { path } of files) await Deno.remove(path).catch(() => {/* `prune` finds it */});
}
