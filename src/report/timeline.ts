/** What happened to a run, in words: `status --events`, and `GET /{id}/timeline`. */
import type { Ledger } from "../ledger/ledger.ts";
import { type Happening, listHappenings } from "../ledger/runs/run_events.ts";
import { inPages } from "../ledger/pages.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { eventText } from "./event_text.ts";
import type { TimelineEntry } from "./timeline_schema.ts";

export interface Timeline {
  readonly data: readonly TimelineEntry[];
  readonly meta: { readonly next_cursor: string | null };
}

/** Makes a text fit for the reader. */
export type EventWording = (text: string) => string;

/** In their order. At most `limit`, after the event `after`. */
export async function timelinePage(
  ledger: Ledger,
  run: Run,
  { after, limit }: { readonly after: number; readonly limit: number },
  word: EventWording,
): Promise<Timeline> {
  const found = await listHappenings(ledger, run.id, after, limit + 1);
  const data = found.slice(0, limit).map((event) => toEntry(event, run, word));
  const next = found.length > limit ? String(found[limit - 1].id) : null;
  return { data, meta: { next_cursor: next } };
}

/** All of it. */
export async function wholeTimeline(ledger: Ledger, run: Run): Promise<Timeline> {
  const data: TimelineEntry[] = [];
  const list = async (after: number, limit: number) =>
    (await listHappenings(ledger, run.id, after, limit)).map((e) => ({ number: e.id, event: e }));
  for await (const { event } of inPages(list)) data.push(toEntry(event, run, (text) => text));
  return { data, meta: { next_cursor: null } };
}

function toEntry(
  { id, at, type, actor, details }: Happening,
  run: Run,
  word: EventWording,
): TimelineEntry {
  const known = isRecord(details) ? worded(details, word) : null;
  return {
    id,
    at: at.toISOString(),
    // The server's clock may have been set back.
    seconds: Math.max(0, Math.round(at.getTime() - run.created_at.getTime()) / 1000),
    type,
    actor,
    text: word(eventText(type, isRecord(details) ? details : null, run)),
    details: known,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** All texts in it. */
function worded(
  details: Readonly<Record<string, unknown>>,
  word: EventWording,
): Readonly<Record<string, unknown>> {
  const deep = (value: unknown): unknown =>
    typeof value === "string"
      ? word(value)
      : Array.isArray(value)
      ? value.map(deep)
      : isRecord(value)
      ? worded(value, word)
      : value;
  return Object.fromEntries(Object.entries(details).map(([name, value]) => [name, deep(value)]));
}
