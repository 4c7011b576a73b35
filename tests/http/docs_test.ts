/** `/docs`, as the server sends it: what a browser would load, show and allow. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ApiDocument } from "../../src/http/docs/openapi.ts";
import { renderDocument } from "../../src/http/docs/page.ts";
import { documentOf } from "./documented.ts";
import { serving } from "./serving.ts";

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** All start tags; enough of a parser for a page that we write, and strict about the rest. */
function tagsOf(page: string): readonly Tag[] {
  const withoutStyle = page.replace(/(<style>)[\s\S]*?(<\/style>)/gu, "$1$2");
  const tags = [...withoutStyle.matchAll(/<([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*>/gu)];
  const others = [...withoutStyle.matchAll(/<(?!\/[a-z0-9]+>|!DOCTYPE html>)/gu)];
  assert.equal(tags.length, others.length, "there is a < that begins no tag");
  return tags.map(([, name, attributes]) => ({
    name,
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([a-z-]+)="([^"]*)"/gu)].map(([, name, value]) => [name, value]),
    ),
  }));
}

function textOf(page: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', amp: "&" };
  return page.replace(/<style>[\s\S]*?<\/style>/gu, "").replace(/<[^>]*>/gu, "")
    .replace(/&(lt|gt|quot|amp);|&#39;/gu, (_, name) => entities[name] ?? "'");
}

Deno.test("the page loads nothing, and runs nothing", async () => {
  await using api = await serving();
  const { body } = await api.ask(`${api.origin}/docs`);
  const allowed = ["lang", "charset", "name", "content", "href", "id"];
  for (const { name, attributes } of tagsOf(body)) {
    assert.match(
      name,
      /^(html|head|meta|title|style|body|h[12]|p|a|nav|ul|li|code|pre|table|tr|td)$/u,
    );
    for (const attribute of Object.keys(attributes)) {
      assert.ok(allowed.includes(attribute), `${name} ${attribute}`);
    }
    if (attributes.href !== undefined) assert.match(attributes.href, /^(#|\/openapi\.json$)/u);
  }
  const style = /<style>([\s\S]*?)<\/style>/u.exec(body)?.[1] ?? "";
  assert.ok(style.length > 100);
  assert.doesNotMatch(style, /url\(|@import|image-set|src\s*:/u);
});

Deno.test("the browser is told to load nothing, and to allow the page's own style", async () => {
  await using api = await serving();
  const { headers, body } = await api.ask(`${api.origin}/docs`);
  assert.equal(headers.get("content-type"), "text/html; charset=UTF-8");
  const style = /<style>([\s\S]*?)<\/style>/u.exec(body)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = new Map(
    (headers.get("content-security-policy") ?? "").split(";").map((rule) => {
      const [name, ...values] = rule.trim().split(/\s+/u);
      return [name, values.join(" ").replace(/'nonce-[^']+'/u, "'nonce-…'")];
    }),
  );
  assert.deepEqual(Object.fromEntries(policy), {
    "default-src": "'none'",
    // The pages' own files.
    "script-src": "'self'",
    "style-src": `'self' 'sha256-${hash}' 'nonce-…'`,
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
  });
  // A second one, or an attribute, would need a hash of its own.
  assert.equal(body.split("<style").length, 2);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

Deno.test("every operation, parameter, status and shape of the document is on the page", async () => {
  await using api = await serving();
  const { text, operations } = await documentOf(api);
  const document: ApiDocument = JSON.parse(text);
  const { body } = await api.ask(`${api.origin}/docs`);
  const tags = tagsOf(body);
  const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
  assert.equal(new Set(ids).size, ids.length);
  for (const { attributes: { href } } of tags) {
    if (href?.startsWith("#")) assert.ok(ids.includes(href.slice(1)), `${href} leads nowhere`);
  }
  const sections = new Map(
    body.split("<h2 ").slice(1).map((section: string) => {
      const [, title, rest] = /^[^>]*>([\s\S]*?)<\/h2>([\s\S]*)$/u.exec(section) ?? [];
      return [textOf(title ?? "").trim(), textOf(rest ?? "")] as const;
    }) as readonly (readonly [string, string])[],
  );
  assert.ok(operations.length > 10);
  for (const name of operations) {
    const section = sections.get(name);
    assert.ok(section !== undefined, `${name} is not on the page`);
    const [method, path] = name.split(" ");
    const { summary, parameters, responses } =
      document.paths?.[path]?.[method.toLowerCase() as "get"] ?? {};
    assert.ok(summary !== undefined && section.includes(summary), name);
    const needs = /Needs a token of scope\s+(read|run|admin)|Needs no token/u;
    assert.match(section, needs, name);
    for (const parameter of parameters ?? []) {
      assert.ok("name" in parameter && section.includes(parameter.name), name);
    }
    for (const status of Object.keys(responses ?? {})) {
      assert.match(section, new RegExp(`^\\s*${status}$`, "mu"), name);
    }
  }
  for (const shape of Object.keys(document.components?.schemas ?? {})) {
    assert.ok(sections.has(shape), shape);
  }
  assert.ok(textOf(body).includes("Also at /healthz. Needs no token."));
  // Readers must not see markup of the source.
  assert.ok(!textOf(body).split("\n").some((line) => !line.includes('"') && line.includes("`")));
});

Deno.test("no text of the document becomes HTML", () => {
  const evil = `<img src=x onerror="alert(1)">&amp;'\`<b>\``;
  const page = String(renderDocument({
    openapi: "3.1.0",
    info: { title: evil, version: "1", description: evil },
    paths: {
      [`/${evil}`]: {
        post: {
          summary: evil,
          description: evil,
          parameters: [{ name: evil, in: "query", description: evil }],
          requestBody: { content: { [evil]: { schema: { description: evil } } } },
          responses: { [evil]: { description: evil } },
        },
      },
    },
    components: { schemas: { [evil]: { type: "string", description: evil } } },
  }));
  const names = tagsOf(page).map(({ name }) => name);
  assert.ok(!names.includes("img") && !names.includes("b"));
  // Unchanged where backticks have no meaning.
  assert.ok(textOf(page).includes(evil));
});

Deno.test("the page fits a phone: wide parts scroll on their own, long words break", async () => {
  await using api = await serving();
  const { body } = await api.ask(`${api.origin}/docs`);
  const viewport = tagsOf(body).find(({ attributes }) => attributes.name === "viewport");
  assert.equal(viewport?.attributes.content, "width=device-width, initial-scale=1");
  const style = /<style>([\s\S]*?)<\/style>/u.exec(body)?.[1] ?? "";
  assert.match(style, /^pre \{[^}]*overflow-x: auto/mu);
  assert.match(style, /^h2, li, td \{[^}]*overflow-wrap: break-word/mu);
  // Side by side only if there is room for both.
  assert.match(style, /^nav ul \{[^}]*columns: 2 24rem/mu);
  assert.doesNotMatch(style, /(?<!max-)width: \d+(px|rem)|nowrap/u);
});
