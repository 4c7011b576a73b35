/**
 * The parts of a postgres.js query that COPY needs and its types lack: internals of the pinned
 * version.
 */
import type postgres from "postgres";

export interface CopyQuery {
  /** Called first with the stream, when the server is ready for the COPY, then with the result. */
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  execute(): unknown;
}

/** The query is sent by its `execute`. */
export function copyQuery(sql: postgres.Sql, statement: string): CopyQuery {
  const query: unknown = sql.unsafe(statement);
  if (!hasInternals(query)) throw new Error("this version of postgres.js has other internals");
  return query;
}

function hasInternals(query: unknown): query is CopyQuery {
  return typeof query === "object" && query !== null &&
    "resolve" in query && typeof query.resolve === "function" &&
    "reject" in query && typeof query.reject === "function" &&
    "execute" in query && typeof query.execute === "function";
}
