/** All workloads, in the order of the printed table. */
import { AGAIN_WORKLOADS } from "./again.ts";
import { ALONE_WORKLOADS } from "./alone.ts";
import { BAD_ROWS_WORKLOADS } from "./bad_rows.ts";
import { FRESH_WORKLOADS } from "./fresh.ts";
import { MESSY_WORKLOADS } from "./messy.ts";
import { RETRY_WORKLOADS } from "./retry.ts";
import { WAYS_WORKLOADS } from "./ways.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: readonly Workload[] = [
  ...MESSY_WORKLOADS,
  ...FRESH_WORKLOADS,
  ...AGAIN_WORKLOADS,
  ...BAD_ROWS_WORKLOADS,
  ...WAYS_WORKLOADS,
  ...RETRY_WORKLOADS,
  ...ALONE_WORKLOADS,
];
