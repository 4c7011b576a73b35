/** Shared by tests of uploads: a server for customers, forms, and checks that nothing is left. */
import assert from "node:assert/strict";
import { customers, CUSTOMERS_TABLE } from "../cli/customers.ts";
import { type Answer, type Serving, serving, type ServingOptions } from "./serving.ts";
import { untilSeen } from "../support/until.ts";

const IMPORTERS = {
  customers: "table: customers\nkey: [email]\n",
  local: "table: customers\nsource: { type: file, path: local.csv }\n",
};

export const UPLOAD = "/upload/customers";

export function takingUploads(options: ServingOptions = {}): Promise<Serving> {
  return serving({ importers: IMPORTERS, tables: CUSTOMERS_TABLE, ...options });
}

export type Content = string | Uint8Array<ArrayBuffer>;

/** A form with the file after the other fields. */
export function formWith(
  content: Content = customers(2),
  name = "customers.csv",
  fields: Readonly<Record<string, string>> = {},
): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", new Blob([content]), name);
  return form;
}

export function uploadForm(api: Serving, form: FormData): Promise<Answer> {
  return api.ask(UPLOAD, { method: "POST", body: form });
}

/** The file as the body itself. */
export function uploadRaw(
  api: Serving,
  body: Content | ReadableStream<Uint8Array>,
  query = "",
): Promise<Answer> {
  return api.ask(UPLOAD + query, {
    method: "POST",
    headers: { "content-type": "text/csv" },
    body,
  });
}

/** A form written by hand, as no library would make it. */
export function uploadText(
  api: Serving,
  text: string,
  contentType = "multipart/form-data; boundary=x",
): Promise<Answer> {
  return api.ask(UPLOAD, { method: "POST", headers: { "content-type": contentType }, body: text });
}

/** A part of such a form, with the boundary `x`. */
export function part(disposition: string, content: string, ...headers: readonly string[]): string {
  return ["--x", `Content-Disposition: form-data${disposition}`, ...headers, "", content, ""]
    .join("\r\n");
}

export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

/** Asserts that it is refused as expected, reveals nothing of this machine, and leaves no trace. */
export async function assertRefused(
  api: Serving,
  answer: Answer,
  status: number,
  code: string,
  what = "",
): Promise<void> {
  assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
  assert.equal(answer.body.code, code, what);
  const text = JSON.stringify(answer.body);
  assert.ok(!text.includes(api.folder) && !/\/tmp|file:\/\/|node:|\bat \w+ \(/u.test(text), text);
  await assertNoTrace(api, what);
}

export async function assertNoTrace(api: Serving, what = ""): Promise<void> {
  assert.deepEqual(filesIn(api.storage), [], what);
  assert.deepEqual(await api.database.session.query("select id from ingest.runs"), [], what);
  const health = await api.fetch(`${api.origin}/healthz`);
  assert.equal(health.status, 200);
  await health.body?.cancel();
}

/** Waits for what the server does by itself. */
export async function until(api: Serving, holds: () => boolean, what: string): Promise<void> {
  await untilSeen(api.database.admin, what, holds);
}

/** The bytes of a text in ISO 8859-1, and the units of any in UTF-16. */
export function codes(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}
