/** What would keep a run from deleting or marking rows that its file doesn't have. */
import { identifier, qualified } from "../../db/quoting.ts";
import type { LoadPlan } from "../load_plan.ts";
import type { Obstacle } from "../obstacle.ts";
import { TEMPORARY } from "../stage/stage_table.ts";

export function absentObstacles({ table, absent, related = [] }: LoadPlan): readonly Obstacle[] {
  if (absent === undefined) return [];
  const name = `${table.schema}.${table.name}`;
  const to = table.role === undefined ? "it" : identifier(table.role);
  const who = `The role ${table.role ?? "of this connection"}`;
  const on = `on ${qualified(table)} to ${to}`;
  const found: Obstacle[] = [];
  if (table.rowLevelSecurity) {
    found.push({
      problem: `${name} has row-level security, so ${who.toLowerCase()} may not see which of its ` +
        "rows the file doesn't have. Leave out on_absent, or import as a role that sees all rows",
    });
  }
  if (table.hasRules) {
    found.push({
      problem: `${name} has a rule (CREATE RULE), so rows can't be deleted or marked with ` +
        "on_absent. Use a trigger instead of the rule",
    });
  }
  if (table.foreignPartition) {
    found.push({
      problem: `The partition ${table.foreignPartition} is a foreign table, whose rows don't say ` +
        "who wrote them, so on_absent can't be used",
    });
  }
  if (table.mayReadRows === false) {
    found.push({
      problem:
        `${who} may not read all columns of ${name}, to find rows that the file doesn't have`,
      grant: `grant select ${on}`,
    });
  }
  const { mark } = absent;
  const mayLock = table.columns.some(({ mayUpdate }) => mayUpdate !== false);
  const marked = table.columns.find((column) => column.name === mark?.column);
  if (mark === null ? !mayLock : marked?.mayUpdate === false) {
    found.push({
      problem: `${who} may not ${
        mark === null ? "lock rows of" : `update ${mark.column} of`
      } ${name}`,
      grant: `grant update ${on}`,
    });
  }
  for (const { table: other } of mark === null ? related : []) {
    if (!other.rowLevelSecurity && other.mayReadRows !== false) continue;
    const missing = `${who} may not see all rows of ${other.schema}.${other.name}, which may ` +
      "belong to rows that the file doesn't have";
    found.push(
      other.rowLevelSecurity
        ? {
          problem: `${missing}: it has row-level security. Mark such rows, or leave out on_absent`,
        }
        : { problem: missing, grant: `grant select on ${qualified(other)} to ${to}` },
    );
  }
  if (mark === null && table.absent?.mayDelete === false) {
    found.push({
      problem: `${who} may not delete rows of ${name}`,
      grant: `grant delete ${on}`,
    });
  }
  for (const { table: other, constraint, isPolicy } of table.absent?.hidden ?? []) {
    const hidden = `With rows that the file doesn't have, rows of ${other} would be deleted or ` +
      `changed (${constraint}), and ${who.replace("The", "the")} may not see`;
    found.push(
      isPolicy
        ? {
          problem: `${hidden} all of these: ${other} has row-level security. Mark absent rows ` +
            "instead of deleting them (on_absent: {mark: …}), or import as a role that sees all rows",
        }
        : { problem: `${hidden} these`, grant: `grant select on ${other} to ${to}` },
    );
  }
  if ((table.stageSchema ?? TEMPORARY) !== TEMPORARY) {
    found.push({
      problem: `With on_absent, the file's keys are kept in a temporary table, which ` +
        `${who.replace("The", "the")} may not create`,
      grant: `grant temporary on database ${identifier(table.database ?? "?")} to ${to}`,
    });
  }
  return found;
}
