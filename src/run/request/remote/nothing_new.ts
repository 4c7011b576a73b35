/** Whether what is at an address has been loaded already. */
import type { Definition } from "../../../importer/definition.ts";
import { findLastFetch, type LastFetch } from "../../../ledger/watched/remote_objects.ts";
import { isDone, type WatchedLoad, watchLoad } from "../../../ledger/runs/same_bytes.ts";
import { isTerminal } from "../../../ledger/runs/statuses.ts";
import type { Table } from "../../../load/catalog/table.ts";
import type { RemoteObject } from "../../../source/remote/remote.ts";
import { isSameTable } from "../../same_table.ts";
import type { WithLedger } from "../with_ledger.ts";
import { LoadedBefore } from "../once.ts";
import { haveSameRules } from "../same_rules.ts";

/** The importer's last run of an address, which has loaded it, or is about to. */
export interface LastLoad extends LastFetch {
  readonly load: WatchedLoad;
}

/**
 * Null if the next run has to fetch everything: there is no such run, it has failed, was cancelled or
 * taken back, or the definition or the table is another one now.
 */
export async function lastLoad(
  withLedger: WithLedger,
  { definition, table, address }: {
    readonly definition: Definition;
    readonly table: Table;
    readonly address: string;
  },
): Promise<LastLoad | null> {
  return await withLedger(async (ledger) => {
    const fetched = await findLastFetch(ledger, definition.slug, address);
    const load = fetched && await watchLoad(ledger, fetched.run);
    if (!fetched || !load || !holds(load)) return null;
    const isSame = isSameTable(load.definition, table) &&
      haveSameRules(load.definition, definition);
    return isSame ? { ...fetched, load } : null;
  });
}

/** Is all of it in the table, as far as it is right, or will it be? */
function holds(load: WatchedLoad): boolean {
  if (load.undone || load.undoing !== null) return false;
  // If all rows were wrong, the reason may be gone.
  if (isDone(load)) return load.status === "completed" || load.loaded > 0;
  return !isTerminal(load.status) && !load.stalled && load.status !== "cancelling";
}

/** Are these, by their versions, the files of that run? Only where the server lists versions. */
export function knownObjects(last: LastLoad, objects: readonly RemoteObject[]): boolean {
  const known = new Map(last.objects.map((object) => [object.name, object]));
  return objects.length === known.size && objects.every(({ name, version }) => {
    const before = known.get(name);
    return version !== null && before !== undefined && before.etag === version.etag &&
      before.lastModified === version.lastModified;
  });
}

export function nothingNew({ load, objects }: LastLoad): LoadedBefore {
  const { id, created_at, status } = load;
  const [{ name }] = objects;
  const what = objects.length === 1 ? `${name} has` : `${name} and the other files have`;
  const date = created_at.toISOString().slice(0, 10);
  const when = isDone(load) ? `since run ${id} loaded` : `since run ${id} began to load`;
  const them = objects.length === 1 ? "it" : "them";
  const failed = status === "completed_with_errors" ? ` Some rows failed: ingest errors ${id}` : "";
  return new LoadedBefore(
    `${what} not changed ${when} ${them} on ${date}: nothing to do. ` +
      `To load ${them} all the same: --no-once.${failed}`,
    id,
  );
}
