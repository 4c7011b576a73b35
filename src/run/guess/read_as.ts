/** How the values of a column are best read as a type. */
import { asBoolean } from "./boolean_reading.ts";
import type { ColumnFacts } from "./column_profile.ts";
import { asMoment } from "./moment_reading.ts";
import { asNumber } from "./number_reading.ts";
import { type Reading, reading, type ReadType } from "./reading.ts";

/** Null: no value can be read as this type. `types`: that the values may be read as. */
export function readAs(facts: ColumnFacts, type: ReadType): Reading | null {
  if (type === "boolean") return asBoolean(facts);
  if (type === "integer" || type === "numeric") return asNumber(facts, type === "integer");
  if (type === "uuid" || type === "json") {
    return reading(facts, type, {}, ({ kinds }) => kinds.some((kind) => kind.type === type));
  }
  return asMoment(facts, type);
}
