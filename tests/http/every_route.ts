/** Every route of the app, with a request that it answers: for tests of what all share. */
import { OpenAPIHono } from "@hono/zod-openapi";
import { createApp } from "../../src/http/app.ts";
import { pageRoutes } from "../../src/http/pages/pages.ts";
import { BASE_PATH } from "../../src/http/route.ts";
import type { RequestEnv } from "../../src/http/server_context.ts";
import type { TokenScope } from "../../src/ledger/tokens.ts";
import { NO_SERVER } from "./no_server.ts";
import { type Serving, serving } from "./serving.ts";

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** As in the OpenAPI document. */
  readonly path: string;
  /** `nobody`: no token is needed. */
  readonly needs: "nobody" | TokenScope;
  /** Does it concern one importer? Then tokens limited to others may not use it. */
  readonly ofImporter: boolean;
  /** May only tokens for all importers use it? */
  readonly ofAll?: true;
  /** The rest of the request after the method, if there is a body. */
  readonly body?: () => RequestInit;
  /** Its answer to an authorized request in the world below, however often it is sent. */
  readonly answers: number;
}

const csv = (): RequestInit => ({
  headers: { "content-type": "text/csv" },
  body: "id,amount\n1,1\n",
});
const editedCsv = (): RequestInit => ({
  headers: { "content-type": "text/csv" },
  body: "id,amount,_row_number,_run_id\n2,20,2,1\n",
});
const json = (body: object): RequestInit => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const get = { method: "GET", ofImporter: true, answers: 200 } as const;
const post = { method: "POST", ofImporter: true } as const;
const free = { method: "GET", needs: "nobody", ofImporter: false, answers: 200 } as const;

export const ROUTES: readonly Route[] = [
  { ...free, path: "/healthz" },
  { ...free, path: "/readyz" },
  { ...free, path: "/openapi.json" },
  { ...free, path: "/docs" },
  { ...free, path: `${BASE_PATH}/healthz` },
  { ...free, path: `${BASE_PATH}/readyz` },
  { ...get, path: BASE_PATH, needs: "read", ofImporter: false },
  { ...get, path: `${BASE_PATH}/importers`, needs: "read", ofImporter: false },
  { ...get, path: `${BASE_PATH}/importers/{importer}`, needs: "read" },
  // No importer may be called like that.
  {
    ...{ ...post, path: `${BASE_PATH}/importers`, needs: "admin", ofAll: true, answers: 422 },
    body: () => json({ slug: "CON", table: "payments" }),
  },
  // It says that already.
  {
    ...{ ...post, path: `${BASE_PATH}/importers/{importer}`, needs: "admin", answers: 200 },
    body: () => json({ columns: {} }),
  },
  { ...get, path: `${BASE_PATH}/{id}`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/events`, needs: "read" },
  { ...get, path: `${BASE_PATH}/events`, needs: "read", ofImporter: false },
  { ...get, path: `${BASE_PATH}/{id}/rows`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/files`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/timeline`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/changes`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/errors/summary`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/failed-rows/download`, needs: "read" },
  { ...get, path: `${BASE_PATH}/{id}/suggestions`, needs: "read" },
  { ...post, path: `${BASE_PATH}/upload/{importer}`, needs: "run", body: csv, answers: 202 },
  // Which table is not said.
  { ...post, path: `${BASE_PATH}/upload`, needs: "run", ofAll: true, body: csv, answers: 422 },
  { ...post, path: `${BASE_PATH}/preview/{importer}`, needs: "run", body: csv, answers: 200 },
  // Which table is not said.
  { ...post, path: `${BASE_PATH}/preview`, needs: "run", ofAll: true, body: csv, answers: 422 },
  // Its file must be uploaded: the request got as far as that.
  { ...post, path: `${BASE_PATH}/trigger/{importer}`, needs: "run", answers: 422 },
  // Its retry is still active.
  { ...post, path: `${BASE_PATH}/{id}/retry`, needs: "run", answers: 409 },
  {
    ...{ ...post, path: `${BASE_PATH}/{id}/retry/upload`, needs: "run", body: editedCsv },
    answers: 409,
  },
  // It has ended,
  { ...post, path: `${BASE_PATH}/{id}/cancel`, needs: "run", answers: 409 },
  // with everything done,
  { ...post, path: `${BASE_PATH}/{id}/resume`, needs: "run", answers: 409 },
  { ...post, path: `${BASE_PATH}/{id}/release`, needs: "run", answers: 409 },
  // and its retry, which hasn't, may be at work on its failed rows.
  {
    ...post,
    path: `${BASE_PATH}/{id}/waive`,
    needs: "run",
    body: () => ({
      headers: { "content-type": "application/json" },
      body: '{"all": true, "reason": "test data"}',
    }),
    answers: 409,
  },
  // So may it be on these.
  {
    ...post,
    path: `${BASE_PATH}/{id}/corrections`,
    needs: "run",
    body: () => ({
      headers: { "content-type": "application/json" },
      body: '{"corrections": [{"row_number": 2, "column": "amount", "value": "2"}]}',
    }),
    answers: 409,
  },
  {
    ...post,
    path: `${BASE_PATH}/{id}/corrections/replace`,
    needs: "run",
    body: () => ({
      headers: { "content-type": "application/json" },
      body: '{"column": "amount", "from": "lots", "to": "2"}',
    }),
    answers: 409,
  },
  {
    ...post,
    path: `${BASE_PATH}/{id}/corrections/suggested`,
    needs: "run",
    body: () => ({
      headers: { "content-type": "application/json" },
      body: '{"column": "amount", "definition": ["decimal: \\",\\""]}',
    }),
    answers: 409,
  },
  {
    ...{ ...post, path: `${BASE_PATH}/{id}/suggestions/apply`, needs: "admin", answers: 409 },
    body: () => json({ column: "amount", definition: ["required: false"] }),
  },
  { ...get, path: `${BASE_PATH}/{id}/corrections`, needs: "read" },
  {
    ...{ method: "DELETE", path: `${BASE_PATH}/{id}/corrections`, needs: "run", ofImporter: true },
    answers: 409,
  },
  {
    ...{ method: "DELETE", path: `${BASE_PATH}/{id}/corrections/{row_number}`, needs: "run" },
    ...{ ofImporter: true, answers: 409 },
  },
  { ...post, path: `${BASE_PATH}/{id}/undo`, needs: "run", answers: 409 },
  {
    ...{ method: "DELETE", path: `${BASE_PATH}/{id}`, needs: "admin", ofImporter: true },
    answers: 409,
  },
];

/** The routes of the API and its documentation, as `GET /api/v1/ingest/{id}`. */
export function routesOfApp(): readonly string[] {
  const pages = routesOfPages();
  return named(createApp(NO_SERVER)).filter((name) => !pages.includes(name));
}

/** Those of the pages: they answer people. */
export function routesOfPages(): readonly string[] {
  const app = new OpenAPIHono<RequestEnv>();
  pageRoutes(app);
  return named(app);
}

function named({ routes }: OpenAPIHono<RequestEnv>): readonly string[] {
  const names = routes
    // Middleware is not a route.
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(?:\{[^}]+\})?/gu, "{$1}")}`);
  return [...new Set(names)];
}

export function nameOf({ method, path }: Route): string {
  return `${method} ${path}`;
}

/**
 * The importers `payments` and `people`; run 1 is of `payments` and has a failed row, run 2 is its
 * retry, which waits, and run 3 is of `people`.
 */
export async function world(): Promise<Serving> {
  const api = await serving({
    savesDefinitions: true,
    tables: "create table payments (id int primary key, amount int)",
    importers: {
      payments: "table: payments\nkey: id\n",
      people: "table: payments\nkey: id\n",
    },
  });
  try {
    const start = (path: string, body: string) =>
      expectStatus(api, path, 202, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body,
      });
    await start("/upload/payments", "id,amount\n1,10\n2,lots\n");
    await api.drive(1);
    await expectStatus(api, "/1/retry", 202, { method: "POST" });
    await start("/upload/people", "id,amount\n3,30\n");
    return api;
  } catch (error) {
    await api[Symbol.asyncDispose]();
    throw error;
  }
}

async function expectStatus(api: Serving, path: string, status: number, init: RequestInit) {
  const answer = await api.ask(path, init);
  if (answer.status !== status) throw new Error(`${path}: ${JSON.stringify(answer)}`);
}

/** Requests the route, for run 1 or `payments`. */
export function request(api: Serving, route: Route, authorization?: string) {
  const path = route.path.replace("{id}", "1").replace("{importer}", "payments")
    .replace("{row_number}", "2");
  const init = route.body?.() ?? {};
  return api.ask(api.origin + path, {
    ...init,
    method: route.method,
    headers: {
      ...init.headers as Record<string, string>,
      ...(authorization !== undefined && { authorization }),
    },
  });
}
