import type { ChainMember } from "../../ledger/retries.ts";

/** Says which run of the chain is active, so that another has to wait. Follows "Cannot …: ". */
export function describeActive({ id, status }: ChainMember, root: number): string {
  const what = id === root
    ? `the original run ${id} is ${status}`
    : `run ${id} is already retrying run ${root}`;
  return `${what}. Check its progress: ingest status ${id}, or cancel it: ingest cancel ${id}`;
}
