import { Session } from "../../src/db/session.ts";

/** Counts the messages sent, by their first word. A message with a COPY counts as `copy`. */
export function countStatements(session: Session): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  session.query = <Row extends object>(text: string, parameters?: readonly unknown[]) => {
    count(/^\s*(\w+)/.exec(text)?.[1] ?? "?");
    const query = Session.prototype.query<Row>;
    return query.call(session, text, parameters);
  };
  session.copyIn = (text, chunks) => {
    count("copy");
    return Session.prototype.copyIn.call(session, text, chunks);
  };
  return counts;
}
