/** Notices clients that have hung up. */
import type { Context } from "hono";
import { RequestRefused } from "./answers/answer_failure.ts";
import type { RequestEnv } from "./server_context.ts";

/** The check throws if the client has hung up: it believes that there is no run, and asks again. */
export function watchClient(c: Context<RequestEnv>): () => void {
  // Deno watches the connection only from the moment that somebody asks for the signal.
  const { signal } = c.req.raw;
  return () => {
    if (signal.aborted) throw new RequestRefused(408, "gone", "The client has gone.");
  };
}
