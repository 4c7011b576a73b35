/** Finds the staged rows that Postgres would refuse, in a single statement. */
import type { Session } from "../db/session.ts";
import { sameKeyCondition, writesExisting } from "./merge/merge_conditions.ts";
import type { LoadPlan } from "./load_plan.ts";
import { ownRows } from "./own_rows.ts";
import type { Refusal } from "./refusal/refusal.ts";
import { type Rule, rulesAreKnown } from "./rules.ts";
import { stageOf } from "./stage/stage_table.ts";
import { optional } from "./refusal/undoable.ts";

export interface Broken {
  /** Of the rules that the row breaks, the one that Postgres checks first. */
  readonly rule: Rule;
  /** What Postgres would answer. */
  readonly refusal: Refusal;
}

/**
 * Resolves with the staged positions in [from, to) that break one of these rules. Postgres may still
 * refuse other rows. `allInserted`: every row is to
 * be inserted, so a key that is already in the table counts as refused by its unique index.
 */
export async function findRefused(
  ...range: Parameters<typeof findBroken>
): Promise<ReadonlyMap<number, Broken>> {
  // Loading will show which rows are refused.
  return await findBroken(...range) ?? new Map();
}

/**
 * The same. Null if it can't be said: the expression of a constraint divides by zero, or values can't
 * be compared as we do.
 */
export async function findBroken(
  session: Session,
  plan: LoadPlan,
  rules: readonly Rule[],
  from: number,
  to: number,
  allInserted: boolean,
): Promise<ReadonlyMap<number, Broken> | null> {
  const refused = new Map<number, Broken>();
  if (rules.length === 0) return refused;
  if (!rulesAreKnown(plan)) return null;
  const isKnown = await optional(session, async () => {
    const found = await session.query<{ position: number; rule: number; value: string | null }>(
      statement(plan, rules, allInserted),
      [from, to],
    );
    for (const { position, rule: number, value } of found) {
      const rule = rules[number];
      refused.set(position, { rule, refusal: rule.refusal(value) });
    }
  });
  return isKnown ? refused : null;
}

/**
 * `offset 0` keeps Postgres from evaluating the whole CASE twice, once where its result is tested
 * and once where it is used, each time with index look-ups. For 20,000 rows: 17 ms instead of 37.
 */
function statement(plan: LoadPlan, rules: readonly Rule[], allInserted: boolean): string {
  const { table, position, rule: number } = stageOf(plan);
  const broken = rules.map(({ broken }, rule) => `when ${broken} then ${rule}`);
  const values = rules.flatMap(({ value }, rule) => value ? [`when ${rule} then ${value}`] : []);
  return `select ${position} as position, ${number} as rule,
      ${values.length > 0 ? `case ${number} ${values.join(" ")} end` : "null::text"} as value
    from (
      select s.*, case when not (${isWritten(plan, allInserted)}) then null
        ${broken.join("\n        ")} end as ${number}
      from ${table} s where ${position} >= $1 and ${position} < $2 offset 0
    ) s
    where ${number} is not null`;
}

/** A row that is skipped, or that fails because its key exists, breaks no rule. */
function isWritten(plan: LoadPlan, allInserted: boolean): string {
  if (allInserted || plan.key.length === 0) return "true";
  const existing = (condition: string) =>
    `exists (select from ${ownRows(plan.table)} t where ${sameKeyCondition(plan)} ${condition})`;
  const inserted = plan.onMissing === "insert" ? `not ${existing("")}` : "false";
  const changes = writesExisting(plan);
  return changes === null ? inserted : `${inserted} or ${existing(`and ${changes}`)}`;
}
