/** `remote_objects`: which files runs have fetched from elsewhere. */
import type { Ledger } from "../ledger.ts";
import { IS_LOAD } from "../runs/same_bytes.ts";

export interface NewRemoteObject {
  /** SHA-256 of the address that was asked for. */
  readonly address: string;
  readonly name: string;
  readonly etag: string | null;
  /** As the server says it. */
  readonly lastModified: string | null;
}

/** A clause of the statement that creates the run `run`. `objects`: the parameter with its JSON. */
export function insertRemoteObjects(ledger: Ledger, run: string, objects: string): string {
  return `insert into ${ledger.schema}.remote_objects
      (run_id, number, address, name, etag, last_modified)
    select ${run}.id, o.number, o.value ->> 'address', o.value ->> 'name', o.value ->> 'etag',
      o.value ->> 'lastModified'
    from ${run}, jsonb_array_elements(${objects}::text::jsonb) with ordinality o (value, number)`;
}

export interface LastFetch {
  readonly run: number;
  readonly objects: readonly Omit<NewRemoteObject, "address">[];
}

/** By the importer's latest run that was to load what is at this address; null if there is none. */
export async function findLastFetch(
  ledger: Ledger,
  importer: string,
  address: string,
): Promise<LastFetch | null> {
  const [found] = await ledger.query<LastFetch>(
    `select o.run_id as run, jsonb_agg(jsonb_build_object(
       'name', o.name, 'etag', o.etag, 'lastModified', o.last_modified) order by o.number) as objects
     from ${ledger.schema}.remote_objects o
     where o.run_id = (
       select r.id from ${ledger.schema}.remote_objects a
       join ${ledger.schema}.runs r on r.id = a.run_id
       where a.address = $2 and r.importer = $1 and ${IS_LOAD}
       order by r.id desc limit 1
     ) and o.address = $2
     group by o.run_id`,
    [importer, address],
  );
  return found ?? null;
}
