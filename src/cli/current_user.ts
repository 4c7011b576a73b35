import { thisMachine } from "../config/machine.ts";

/**
 * Who asks for a run, for its record: INGEST_USER, which says more than the machine's own user
 * where many share one; else that. Null if nothing tells.
 */
export function currentUser(): string | null {
  const given = Deno.env.get("INGEST_USER")?.trim();
  if (given) return given;
  const { user } = thisMachine(Deno.env.toObject());
  return user === "unknown" ? null : user;
}
