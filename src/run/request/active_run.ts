import type { ChainMember } from "../../ledger/retries.ts";

/** Why a run of a chain has to wait: another one of it is at work. Goes on after "Cannot …: ". */
export function describeActive({ id, status }: ChainMember, root: number): string {
  const what = id === root
    ? `run ${id} itself is ${status}`
    : `run ${id} retries run ${root} at the moment`;
  return `${what}. See how it is: ingest status ${id}, or end it: ingest cancel ${id}`;
}
