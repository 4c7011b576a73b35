import { Session } from "../../src/db/session.ts";

/** How often each statement is sent, by its first words. */
export function countStatements(session: Session): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (text: string) => {
    const name = /^\s*(copy|\w+)/.exec(text)?.[1] ?? "?";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  session.query = <Row extends object>(text: string, parameters?: readonly unknown[]) => {
    count(text);
    const query = Session.prototype.query<Row>;
    return query.call(session, text, parameters);
  };
  session.copyIn = (text, chunks) => {
    count(text);
    return Session.prototype.copyIn.call(session, text, chunks);
  };
  return counts;
}
