/** Shows Postgres statements, with no values, to know what it would refuse. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import type { LookupRefusal } from "./lookup_table.ts";

/**
 * `parameters`: how many each takes; all are arrays. With parameters, Postgres takes only one statement,
 * which a condition might end. Null: it refuses none.
 */
export async function tryStatements(
  session: Session,
  statements: readonly string[],
  parameters: number,
): Promise<LookupRefusal | null> {
  try {
    await session.savepoint(TRYING, async () => {
      for (const statement of statements) {
        await session.query(
          `explain (costs off) ${statement}`,
          Array.from({ length: parameters }, () => []),
        );
      }
    });
    return null;
  } catch (error) {
    if (!(error instanceof PostgresError) || !REFUSES.test(error.code)) throw error;
    return { message: error.message, isPrivilege: error.code === NO_PRIVILEGE };
  }
}

const TRYING = "ingest_try";
/** Syntax, names, types and privileges; values of constants; features that aren't there. */
const REFUSES = /^(42|22|0A|3F)/;
const NO_PRIVILEGE = "42501";
