/** All workloads, in the order of the printed table. */
import { AGAIN_WORKLOADS } from "./again.ts";
import { ALONE_WORKLOADS } from "./alone.ts";
import { BAD_ROWS_WORKLOADS } from "./bad_rows.ts";
import { FRESH_WORKLOADS } from "./fresh.ts";
import { MESSY_WORKLOADS } from "./messy.ts";
import { RETRY_WORKLOADS } from "./retry.ts";
import { WAYS_WORKLOADS } from "./ways.ts";
import { SHAPE_WORKLOADS } from "./shapes.ts";
import { SIZE_WORKLOADS } from "./sizes.ts";
import { TYPE_WORKLOADS } from "./types.ts";
import type { Workload } from "./workload.ts";

export const WORKLOADS: readonly Workload[] = [
  ...MESSY_WORKLOADS,
  ...FRESH_WORKLOADS,
  ...AGAIN_WORKLOADS,
  ...BAD_ROWS_WORKLOADS,
  ...WAYS_WORKLOADS,
  ...RETRY_WORKLOADS,
  ...SIZE_WORKLOADS,
  ...SHAPE_WORKLOADS,
  ...TYPE_WORKLOADS,
  ...ALONE_WORKLOADS,
];
