/** `schedules`: when the sources that are loaded by themselves are due. All times are the database's. */
import { type Ledger, LET_GO_OF_THE_DEAD } from "../ledger.ts";
import { ACTIVE_STATUSES_SQL } from "../runs/statuses.ts";

/** How long a holder that gives no sign counts as alive. */
const ALIVE = "60 seconds";

export interface Schedule {
  readonly rule: string;
  readonly due_at: Date;
}

export interface Looked {
  readonly now: Date;
  /** Null: nobody has seen this importer's schedule yet. */
  readonly schedule: Schedule | null;
}

export async function readSchedule(ledger: Ledger, importer: string): Promise<Looked> {
  const [row] = await ledger.query<{ now: Date; rule: string | null; due_at: Date | null }>(
    `select clock_timestamp() as now, s.rule, s.due_at
     from (select) one left join ${ledger.schema}.schedules s on s.importer = $1`,
    [importer],
  );
  const { now, rule, due_at } = row;
  return { now, schedule: rule === null || due_at === null ? null : { rule, due_at } };
}

/** For a schedule that is new, or whose rule has changed from `before`. */
export async function beginSchedule(
  ledger: Ledger,
  importer: string,
  { rule, due_at }: Schedule,
  before: string | null,
  host: string,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.schedules as s (importer, rule, due_at, host)
     values ($1, $2, $3, $5)
     on conflict (importer) do update set rule = excluded.rule, due_at = excluded.due_at,
       holder = null, host = excluded.host
       where s.rule = $4`,
    [importer, rule, due_at, before, host],
  );
}

export async function recordScheduleLook(
  ledger: Ledger,
  importer: string,
  host: string,
): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.schedules set looked_at = clock_timestamp(), host = $2
     where importer = $1`,
    [importer, host],
  );
}

/** What is due, as its holder knows it. */
export interface HeldTime extends Schedule {
  readonly importer: string;
  /** A UUID: tells apart the processes that may hold it. */
  readonly holder: string;
}

const parametersOf = (
  { importer, rule, due_at, holder }: HeldTime,
) => [importer, rule, due_at, holder];

/** False: somebody else is at it, or has done it. */
export async function holdTime(ledger: Ledger, held: HeldTime): Promise<boolean> {
  return await ledger.execute(
    `update ${ledger.schema}.schedules set holder = $4, seen_at = clock_timestamp()
     where importer = $1 and rule = $2 and due_at = $3
       and (holder is null or seen_at < clock_timestamp() - interval '${ALIVE}')`,
    parametersOf(held),
  ) === 1;
}

const OURS = "importer = $1 and rule = $2 and due_at = $3 and holder = $4";

/** The holder is still at it. */
export async function keepTime(ledger: Ledger, held: HeldTime): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.schedules set seen_at = clock_timestamp() where ${OURS}`,
    parametersOf(held),
  );
}

export async function releaseTime(ledger: Ledger, held: HeldTime): Promise<void> {
  await ledger.execute(
    `update ${ledger.schema}.schedules set holder = null where ${OURS}`,
    parametersOf(held),
  );
}

/**
 * It is done for this time, in the transaction that creates its run if there is one. False: somebody
 * else has it now, because this holder has given no sign for a while.
 */
export async function passTime(
  ledger: Ledger,
  held: HeldTime,
  next: Date,
  { run, message }: { readonly run: number | null; readonly message: string | null },
): Promise<boolean> {
  // Others wait for the row: not for ever, should this process freeze in the middle.
  if (run !== null) await ledger.query(LET_GO_OF_THE_DEAD);
  return await ledger.execute(
    `update ${ledger.schema}.schedules set due_at = $5, holder = null, last_due_at = $3,
       last_run_id = $6, last_message = $7
     where ${OURS}`,
    [...parametersOf(held), next, run, message],
  ) === 1;
}

/** A run of the importer that has not ended; null if there is none. */
export async function findOpenRun(ledger: Ledger, importer: string): Promise<number | null> {
  const [run] = await ledger.query<{ id: number }>(
    `select id from ${ledger.schema}.runs
     where importer = $1 and status in (${ACTIVE_STATUSES_SQL}) and not dry_run
     order by id limit 1`,
    [importer],
  );
  return run?.id ?? null;
}

export interface ListedSchedule {
  readonly importer: string;
  readonly due_at: Date;
  readonly last_due_at: Date | null;
  readonly last_run_id: number | null;
  readonly last_message: string | null;
  readonly host: string;
  /** Seconds since somebody looked. */
  readonly seconds: number;
}

export function listSchedules(ledger: Ledger): Promise<ListedSchedule[]> {
  return ledger.query<ListedSchedule>(
    `select importer, due_at, last_due_at, last_run_id, last_message, host,
       greatest(0, extract(epoch from clock_timestamp() - looked_at))::float8 as seconds
     from ${ledger.schema}.schedules order by importer`,
  );
}
