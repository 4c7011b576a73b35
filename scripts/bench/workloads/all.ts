/** All workloads, in the order of the printed table. */
import { ABSENT_WORKLOADS } from "./absent.ts";
import { AGAIN_WORKLOADS } from "./again.ts";
import { ALONE_WORKLOADS } from "./alone.ts";
import { BAD_ROWS_WORKLOADS } from "./bad_rows.ts";
import { BUCKET_WORKLOADS } from "./buckets.ts";
import { FRESH_WORKLOADS } from "./fresh.ts";
import { JSON_WORKLOADS } from "./json.ts";
import { LOOKUP_WORKLOADS } from "./lookups.ts";
import { MESSY_WORKLOADS } from "./messy.ts";
import { PACKED_WORKLOADS } from "./packed.ts";
import { REPEATED_WORKLOADS } from "./repeated.ts";
import { RETRY_WORKLOADS } from "./retry.ts";
import { SEVERAL_WORKLOADS } from "./several.ts";
import { SHAPE_WORKLOADS } from "./shapes.ts";
import { SIZE_WORKLOADS } from "./sizes.ts";
import { TYPE_WORKLOADS } from "./types.ts";
import { UNDO_WORKLOADS } from "./undo.ts";
import { VERIFY_WORKLOADS } from "./verify.ts";
import { TAKE_BACK_WORKLOADS } from "./take_back.ts";
import { WAYS_WORKLOADS } from "./ways.ts";
import { WHOLE_WORKLOADS } from "./whole.ts";
import { WORKBOOK_WORKLOADS } from "./workbook.ts";
import type { Workload } from "./workload.ts";

export type Group = "files" | "sources" | "shapes" | "types" | "steps";

/** Each has a table of its own in the documents. The pictures show the first. */
export const GROUPS: Readonly<Record<Group, readonly Workload[]>> = {
  files: [
    ...MESSY_WORKLOADS,
    ...FRESH_WORKLOADS,
    ...AGAIN_WORKLOADS,
    ...REPEATED_WORKLOADS,
    ...BAD_ROWS_WORKLOADS,
    ...WAYS_WORKLOADS,
    ...UNDO_WORKLOADS,
    ...WHOLE_WORKLOADS,
    ...ABSENT_WORKLOADS,
    ...LOOKUP_WORKLOADS,
    ...RETRY_WORKLOADS,
    ...VERIFY_WORKLOADS,
    ...TAKE_BACK_WORKLOADS,
  ],
  sources: [
    ...PACKED_WORKLOADS,
    ...WORKBOOK_WORKLOADS,
    ...JSON_WORKLOADS,
    ...SEVERAL_WORKLOADS,
    ...BUCKET_WORKLOADS,
  ],
  shapes: [...SIZE_WORKLOADS, ...SHAPE_WORKLOADS],
  types: TYPE_WORKLOADS,
  steps: ALONE_WORKLOADS,
};

export const WORKLOADS: readonly Workload[] = Object.values(GROUPS).flat();

/** The results of a group's workloads, or of whatever else has their names. */
export function ofGroup<Named extends { readonly workload: string }>(
  group: Group,
  results: readonly Named[],
): Named[] {
  const names = new Set(GROUPS[group].map(({ name }) => name));
  return results.filter(({ workload }) => names.has(workload));
}
