import type { ChainMember } from "../../ledger/runs/retries.ts";
import type { Undo } from "../../ledger/undo/undos.ts";

/** Says which run of the chain is active, so that another has to wait. Follows "Cannot …: ". */
export function describeActive({ id, status }: ChainMember, root: number): string {
  const what = id === root
    ? `the original run ${id} is ${status}`
    : `run ${id} is already retrying run ${root}`;
  return `${what}. Check its progress: ingest status ${id}, or cancel it: ingest cancel ${id}`;
}

/** Says why a run can't go on. Follows "Cannot …: ". */
export function describeUndo({ id, status, completed_at }: Undo): string {
  if (completed_at === null) {
    return `run ${id} is taking it back. Check its progress: ingest status ${id}`;
  }
  if (status === "cancelled") {
    return `run ${id} has taken a part of it back. To take back the rest: ingest resume ${id}`;
  }
  return status === "failed"
    ? `run ${id} has taken a part of it back, and failed. See why: ingest status ${id}`
    : `run ${id} has taken it back. To have its rows again, import the file again.`;
}
