import type { OtherLoad } from "../../../ledger/runs/whole_retries.ts";

/** Why no other run may load the file. */
export function describeOther({ id, status }: OtherLoad): string {
  return status.startsWith("completed")
    ? `run ${id} has loaded all of its rows. To load them anew, take that back first: ` +
      `ingest undo ${id}`
    : `run ${id} is loading all of its rows (${status}). Wait for it: ingest wait ${id}`;
}
