import { z } from "zod";
import { runNumber, time } from "./field_schemas.ts";

/** Something that happened to a run. */
export const timelineEntrySchema = z.strictObject({
  /** Later entries have larger ones. */
  id: runNumber,
  at: time,
  /** Since the run was created. */
  seconds: z.number().nonnegative(),
  /** `created`, `started`, `cancel requested` …: later versions may know more. */
  type: z.string(),
  /** A user, or a token's name; null if nobody in particular did it, or is known. */
  actor: z.string().nullable(),
  /** The details for people, in one line; it may be empty. */
  text: z.string(),
  /** The details for programs. */
  details: z.record(z.string(), z.unknown()).nullable(),
}).meta({ id: "Event" });

export type TimelineEntry = Readonly<z.infer<typeof timelineEntrySchema>>;
