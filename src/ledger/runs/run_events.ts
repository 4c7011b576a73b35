/** `run_events`: what happened to runs, read as it happens. */
import type { Ledger } from "../ledger.ts";
import type { Run } from "./runs.ts";

export interface RunEvent {
  readonly id: number;
  readonly type: string;
  readonly actor: string | null;
  readonly details: Readonly<Record<string, unknown>> | null;
  /** The run as it is now. */
  readonly run:
    & Pick<
      Run,
      "importer" | "status" | "original_filename" | "dry_run" | "summary" | "error"
    >
    & { readonly id: number };
}

/** Something that happened to a run. */
export interface Happening {
  readonly id: number;
  readonly at: Date;
  readonly type: string;
  /** Who did or asked for it; null: nobody in particular, or not known. */
  readonly actor: string | null;
  readonly details: unknown;
}

/** Of one run, in their order, after event `after`. */
export function listHappenings(
  ledger: Ledger,
  run: number,
  after: number,
  limit: number,
): Promise<Happening[]> {
  return ledger.query<Happening>(
    `select id, at, type, actor, details from ${ledger.schema}.run_events
     where run_id = $1 and id > $2 order by id limit $3`,
    [run, after, limit],
  );
}

/** 0 if there is none. */
export async function latestEventId(ledger: Ledger): Promise<number> {
  const [{ id }] = await ledger.query<{ id: number }>(
    `select coalesce(max(id), 0) as id from ${ledger.schema}.run_events`,
  );
  return id;
}

/** In their order, after event `after`. */
export function listEvents(ledger: Ledger, after: number, limit: number): Promise<RunEvent[]> {
  return ledger.query<RunEvent>(
    `select e.id, e.type, e.actor, e.details, jsonb_build_object('id', r.id, 'importer', r.importer,
       'status', r.status, 'original_filename', r.original_filename, 'dry_run', r.dry_run,
       'summary', r.summary, 'error', r.error) as run
     from ${ledger.schema}.run_events e join ${ledger.schema}.runs r on r.id = e.run_id
     where e.id > $1 order by e.id limit $2`,
    [after, limit],
  );
}
