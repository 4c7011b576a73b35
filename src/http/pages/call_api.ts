/** Buttons of pages do what the API does, by asking it: the same checks, and the same words. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { FORWARDED } from "../identity/identify.ts";
import { BASE_PATH } from "../route.ts";
import type { RequestEnv } from "../server_context.ts";

const answerSchema = z.object({
  message: z.string().optional(),
  data: z.object({ id: z.int() }),
});
const failureSchema = z.object({
  message: z.string(),
  errors: z.record(z.string(), z.array(z.string())).optional(),
  choices: z.record(z.string(), z.array(z.string())).optional(),
});

/** Headers that say who asks, and from where; besides those of proxies. */
const PASSED_ON: readonly string[] = [
  "authorization",
  "cookie",
  "host",
  "origin",
  "sec-fetch-site",
];

/** The API has refused what a button asked for. The message is its own. */
export class ApiRefused extends Error {
  override readonly name = "ApiRefused";

  constructor(
    readonly status: number,
    message: string,
    /** What is wrong, by field. */
    readonly errors: Readonly<Record<string, readonly string[]>> = {},
    /** What may be said instead, by parameter. */
    readonly choices: Readonly<Record<string, readonly string[]>> = {},
  ) {
    super(message);
  }
}

export interface Answered {
  /** Of the run. */
  readonly id: number;
  /** What the API says about it, if there is something to say. */
  readonly message?: string;
}

/** Returns the run of the answer. Throws ApiRefused. */
export async function callApi(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  return readRun(await callForAnswer(app, c, path, body));
}

/** The same where the answer is no run. It is as the API gives it. */
export async function callForAnswer(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  const headers = headersOf(c);
  headers.set("content-type", "application/json");
  return await send(app, c, path, { headers, body: JSON.stringify(body) });
}

/** Sends the page's own form, such as one with a file, on to the API as it is. Throws ApiRefused. */
export async function forwardToApi(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  path: string,
): Promise<Answered> {
  return readRun(await forwardForAnswer(app, c, path));
}

/** The same where the answer is no run. It is as the API gives it. */
export async function forwardForAnswer(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  path: string,
): Promise<unknown> {
  const headers = headersOf(c);
  for (const name of ["content-type", "content-length"]) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  return await send(app, c, path, { headers, body: c.req.raw.body });
}

function headersOf(c: Context<RequestEnv>): Headers {
  const headers = new Headers({ "x-request-id": c.get("requestId") });
  for (const [name, value] of c.req.raw.headers) {
    if (PASSED_ON.includes(name) || FORWARDED.test(name)) headers.set(name, value);
  }
  return headers;
}

async function send(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  path: string,
  init: Pick<RequestInit, "headers" | "body">,
): Promise<unknown> {
  const request = { ...init, method: "POST", signal: c.req.raw.signal };
  const answer = await app.request(new URL(BASE_PATH + path, c.req.url), request, { isPage: true });
  const answered: unknown = await answer.json();
  if (answer.ok) return answered;
  const { message, errors, choices } = failureSchema.parse(answered);
  throw new ApiRefused(answer.status, message, errors, choices);
}

function readRun(answered: unknown): Answered {
  const { data, message } = answerSchema.parse(answered);
  return { id: data.id, ...message !== undefined && { message } };
}
