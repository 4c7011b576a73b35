/** What the events carry. `status` carries a run, as `GET /{id}` shows it without its rows. */
import { z } from "@hono/zod-openapi";
import {
  progressSchema,
  type RunReport,
  runReportSchema,
  runStatus,
} from "../../report/report_schema.ts";

/** How far a run has come: what a page needs to draw it. */
export const progressEvent = progressSchema.extend({
  id: z.int().positive(),
  status: runStatus,
  /** By the clock of Postgres. */
  at: z.iso.datetime({ precision: 3 }),
  batches: z.int().nonnegative(),
  /** Batches that are not done yet. */
  open_batches: z.int().nonnegative(),
  /** Batches that are being loaded right now. */
  workers: z.int().nonnegative(),
  stalled: z.boolean(),
  queued_behind: z.int().positive().nullable(),
  /** What batches wait for, in words, a line for each reason: somebody's lock, say. */
  waiting_on: z.string().nullable(),
  /** How many warnings the run has by now. */
  warnings: z.int().nonnegative(),
}).meta({ id: "ProgressEvent" });

export type ProgressEvent = Readonly<z.infer<typeof progressEvent>>;

/** Nothing more will come, and nothing is gained by asking again. */
export const endEvent = z.strictObject({
  /** Left out by the stream of all runs. */
  id: z.int().positive().optional(),
  reason: z.enum(["finished", "deleted", "unauthorized"]),
  /** For people. */
  message: z.string(),
}).meta({ id: "EndEvent" });

export type EndEvent = Readonly<z.infer<typeof endEvent>>;

/** The database can't be reached, or can be again. */
export const availabilityEvent = z.strictObject({ message: z.string() })
  .meta({ id: "AvailabilityEvent" });

/** The list of runs, or what has changed in it. */
export const runsEvent = z.strictObject({
  data: z.array(runReportSchema),
  /** Runs that don't belong to the list any more. */
  gone: z.array(z.int().positive()),
  /** Only with the whole list. */
  meta: z.strictObject({ limit: z.int(), next_cursor: z.string().nullable() }).optional(),
}).meta({ id: "RunsEvent" });

export interface RunsEvent extends Omit<z.infer<typeof runsEvent>, "data" | "gone"> {
  readonly data: readonly RunReport[];
  readonly gone: readonly number[];
}

/** For documentation: an answer of these events, which the document has under their names. */
export function streamOf(...names: readonly string[]) {
  return z.string().meta({
    contentMediaType: "text/event-stream",
    // What the `data` of the events contain.
    contentSchema: { oneOf: names.map((name) => ({ $ref: `#/components/schemas/${name}` })) },
  });
}
