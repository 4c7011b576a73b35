/**
 * Writes `docs/api.md`, the reference of the HTTP API, from the OpenAPI document that the server
 * gives out.
 *
 *   deno run -A scripts/api_reference.ts
 */
import { fileURLToPath } from "node:url";
import { createApp } from "../src/http/app.ts";
import { type ApiDocument, describeApi } from "../src/http/docs/openapi.ts";
import { type Operation, operationsOf } from "../src/http/docs/operations.ts";
import type { ServerContext } from "../src/http/server_context.ts";
import { describeSchema } from "./api_reference/schema.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

export const REFERENCE = `${root}docs/api.md`;

const INTRODUCTION = `# The HTTP API

What \`ingest serve\` answers. Written by \`scripts/api_reference.ts\` from the OpenAPI document,
which a running server has at \`/openapi.json\`, and as a page at \`/docs\`. How it is used, with
\`curl\`, is in the [README](../README.md#over-http).

Requests carry \`Authorization: Bearer <token>\`. Failures are \`{message, code, errors?}\`: words for
people, a code for programs, and what is wrong by field. Every answer has an \`X-Request-Id\`, which
its line in the server's log has, too. Beside the answers below there are 401 (no token, or one that
is not valid), 403 (the token doesn't allow it), 500 and 503 (the database can't be reached at the
moment; \`Retry-After\`). The last column is the shape of the answer, or of what its \`data\` is or
lists.`;

/** Of every request that needs a token: said once. */
const EVERYWHERE = ["401", "403", "500", "503"];

/** The text that belongs into \`docs/api.md\`, formatted as everything here. */
export async function apiReference(): Promise<string> {
  const document = describeApi(createApp(NOBODY_ASKS));
  const operations = operationsOf(document);
  return await format([
    INTRODUCTION,
    "| request | what it does |\n| --- | --- |\n" + operations.map(tableLine).join("\n"),
    ...operations.map(section),
    "## Shapes",
    ...shapes(document),
  ].join("\n\n"));
}

/** The routes are described, none is asked for anything. */
const NOBODY_ASKS: ServerContext = {
  withLedger: refuse,
  withDownload: refuse,
  assertReady: refuse,
  storageFolder: refuse,
  schemaName: "ingest",
  importersFolder: "importers",
  sourceFolder: null,
  maxUpload: 0,
  worksHere: false,
  isOpen: false,
  closing: new AbortController().signal,
  rest: null,
  log: () => {},
};

function refuse(): Promise<never> {
  return Promise.reject(new Error("there is no server"));
}

function title({ method, path }: Operation): string {
  return `${method} ${path}`;
}

function tableLine(operation: Operation): string {
  const anchor = title(operation).toLowerCase().replace(/[^\w\s-]/gu, "").replaceAll(" ", "-");
  return `| [\`${title(operation)}\`](#${anchor}) | ${operation.summary} |`;
}

function section(operation: Operation): string {
  const { summary, description, needsToken, parameters, bodies, answers } = operation;
  return [
    `## ${title(operation)}`,
    [summary, description, needsToken ? "" : "Needs no token."].filter(Boolean).join(" "),
    parameters.length === 0 ? "" : [
      "| parameter | in | |",
      "| --- | --- | --- |",
      ...parameters.map(({ name, where, required, description }) =>
        `| \`${name}\` | ${where}${required ? "" : ", optional"} | ${description} |`
      ),
    ].join("\n"),
    ...bodies.map(({ type, schema }) =>
      type.startsWith("text/")
        ? `Body, \`${type}\`: the file itself.`
        : `Body, \`${type}\`:\n\n\`\`\`ts\n${describeSchema(schema)}\n\`\`\``
    ),
    "| answer | | |\n| --- | --- | --- |\n" +
    answers.filter(({ status }) => !needsToken || !EVERYWHERE.includes(status))
      .map(({ status, description, shape }) =>
        `| ${status} | ${description} | ${
          shape === null ? "" : `[${shape}](#${shape.toLowerCase()})`
        } |`
      ).join("\n"),
  ].filter((part) => part !== "").join("\n\n");
}

function shapes({ components }: ApiDocument): readonly string[] {
  return Object.entries(components?.schemas ?? {}).map(([name, schema]) =>
    `### ${name}\n\n\`\`\`ts\n${describeSchema(schema)}\n\`\`\``
  );
}

async function format(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await output;
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  await Deno.mkdir(`${root}docs`, { recursive: true });
  await Deno.writeTextFile(REFERENCE, await apiReference());
}
