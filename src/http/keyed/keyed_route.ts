/** Routes that start or change something: with an Idempotency-Key, they do it once. */
import { type OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { DoneBefore } from "../../ledger/runs/request_keys.ts";
import type { Alongside } from "../../run/request/alongside.ts";
import { accepted } from "../answers/answer_headers.ts";
import { AnsweredBefore, KeyedRequest, readKey } from "./keyed_request.ts";
import { publicReport, requirePathRun } from "../runs_of.ts";
import type { RequestEnv } from "../server_context.ts";
import { handle } from "../streamed_route.ts";

/** For the document. */
export const keyHeader = z.object({
  "Idempotency-Key": z.string().min(1).max(255).optional().meta({
    description: "Any text of your own. The same request with the same key is done once.",
    example: "8e03978e-40d5-43e8-bc93-6894a57f9324",
  }),
});

type Handler = Parameters<typeof handle>[2];

/** Of what has to do with no run. Runs begin with 1. */
const NO_RUN = 0;

/**
 * The answers of `handler` have the run in `data`, which is shown as it is then; with `same answer`,
 * they are given again word for word; with `no run`, too, and they have to do with none. It calls
 * readJson or receiveUpload exactly once, before it does anything.
 */
export function handleKeyed(
  app: OpenAPIHono<RequestEnv>,
  route: RouteConfig,
  handler: Handler,
  again: "run" | "same answer" | "no run" = "run",
): void {
  handle(app, route, async (c, parameters) => {
    const header = c.req.header("idempotency-key");
    if (header === undefined) return await handler(c, parameters);
    const keyed = await KeyedRequest.open(c, readKey(header));
    c.set("keyed", keyed);
    try {
      const answer = await handler(c, parameters);
      if (answer.ok && !keyed.isRecorded) {
        const run = again === "no run" ? NO_RUN : Number(parameters.id);
        await recordAnswer(c, keyed, await doneWith(answer, again === "run" ? null : run));
      }
      return answer;
    } catch (error) {
      if (error instanceof AnsweredBefore) return await answerAgain(c, error.before);
      throw error;
    } finally {
      await keyed.close();
    }
  });
}

/** For what is done in a transaction. Undefined: the request has no key. */
export function alongside(c: Context<RequestEnv>): Alongside | undefined {
  const keyed = c.get("keyed");
  return keyed && ((ledger, runId) => keyed.record(ledger, runId));
}

interface Done {
  readonly run: number;
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** `run`: the one that it is about, if the answer's `data` is no run. */
async function doneWith(answer: Response, run: number | null): Promise<Done> {
  const body = await answer.clone().json();
  if (run !== null) return { run, answer: { whole: body, status: answer.status } };
  const { data: { id }, ...rest } = body;
  return answer.status === 202 ? { run: id } : { run: id, answer: rest };
}

/** Of what makes no difference if it is done twice. */
async function recordAnswer(c: Context<RequestEnv>, keyed: KeyedRequest, done: Done) {
  const server = c.get("server");
  try {
    await server.withLedger((ledger) => keyed.record(ledger, done.run, done.answer));
  } catch (error) {
    // It is done, and doing it again does no harm.
    const reason = error instanceof Error ? error.message : String(error);
    server.log({
      level: "warning",
      message: `Cannot record that the request was done: ${reason}`,
      request_id: c.get("requestId"),
    });
  }
}

/** With the run as it is now, unless the answer has something else. Throws NoSuchRun if it was deleted since. */
async function answerAgain(
  c: Context<RequestEnv>,
  { run_id, answer }: DoneBefore,
): Promise<Response> {
  const whole = answer?.whole ?? null;
  if (run_id === NO_RUN && answer !== null) {
    c.header("idempotency-replayed", "true");
    return c.json(whole, answer.status === 201 ? 201 : 200);
  }
  const data = await c.get("server").withLedger(async (ledger) => {
    const run = await requirePathRun(c, ledger, String(run_id));
    return whole !== null ? null : await publicReport(c, ledger, run.id);
  });
  c.header("idempotency-replayed", "true");
  if (data === null) return c.json(whole, 200);
  return answer === null ? accepted(c, data) : c.json({ ...answer, data }, 200);
}
