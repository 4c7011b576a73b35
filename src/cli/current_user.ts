import { thisMachine } from "../config/machine.ts";

/** Who asks for a run, for its record. INGEST_USER where the machine's own user says too little. */
export function currentUser(): string {
  return Deno.env.get("INGEST_USER")?.trim() || thisMachine(Deno.env.toObject()).user;
}
