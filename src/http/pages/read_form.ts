/** The small forms of pages. */
import type { Context } from "hono";
import { RequestRefused } from "../answers/answer_failure.ts";
import { receivingFailure, withIncoming } from "../requests/incoming.ts";
import type { RequestEnv } from "../server_context.ts";

/** Bytes. The longest text that people write into one of them is the reason of a waiver. */
const LONGEST = 10_000;

/** Throws RequestRefused. */
export async function readForm(
  c: Context<RequestEnv>,
  longest = LONGEST,
): Promise<URLSearchParams> {
  const { body } = c.req.raw;
  if (body === null) return new URLSearchParams();
  const { closing: signal, rest } = c.get("server");
  const limits = { maxBody: longest, maxFile: longest, signal, rest };
  const text = await withIncoming(body, limits, async (body) => {
    // Some proxies leave it out.
    if (Number(c.req.header("content-length") ?? 0) > longest) throw tooLong();
    return await new Response(body).text();
  }).catch((error) => {
    const isTooLong = error instanceof RequestRefused && error.status === 413;
    throw isTooLong ? tooLong() : receivingFailure(error, signal, "The form is incomplete.");
  });
  return new URLSearchParams(text);
}

function tooLong(): RequestRefused {
  return new RequestRefused(413, "too_large", "The form is too long.");
}
