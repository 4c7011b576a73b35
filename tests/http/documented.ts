/** The server's OpenAPI document, to compare its answers with. */
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import type { Answer, Serving } from "./serving.ts";

export interface ApiDescription {
  readonly text: string;
  readonly operations: readonly string[];
  /**
   * The statuses of an operation such as `GET /healthz`. Throws if there is no such operation.
   */
  statusesOf(operation: string): readonly string[];
  /** Fails unless the document describes this answer of the operation. */
  check(operation: string, answer: Answer): void;
}

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

interface DescribedOperation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>> }>
  >;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: DescribedOperation;
}

export async function documentOf(api: Serving): Promise<ApiDescription> {
  const answer = await api.ask(`${api.origin}/openapi.json`);
  assert.equal(answer.status, 200);
  const document: Described = answer.body;
  const ajv = new Ajv2020({
    // `example` and the like mean nothing to it.
    strict: false,
    formats: {
      "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/u,
      binary: true,
      int64: true,
    },
  });
  ajv.addSchema(document as AnySchema, "openapi");
  const operations = new Map<string, Operation>(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map((
        [method, operation],
      ) => [`${method.toUpperCase()} ${path}`, { path, method, operation }])
    ),
  );
  const find = (name: string) => {
    const found = operations.get(name);
    assert.ok(found, `the document has no ${name}`);
    return found;
  };
  return {
    text: JSON.stringify(document),
    operations: [...operations.keys()],
    statusesOf: (name) => Object.keys(find(name).operation.responses),
    check(name, { status, headers, body }) {
      const { path, method, operation } = find(name);
      const described = operation.responses[status];
      assert.ok(described, `the document has no ${status} for ${name}`);
      const type = headers.get("content-type")?.split(";")[0] ?? null;
      const types = Object.keys(described.content ?? {});
      if (types.length === 0) {
        assert.deepEqual([type, body], [null, null], `${name}: ${status} has a body`);
        return;
      }
      assert.ok(type !== null && types.includes(type), `${name}: ${status} is ${type}`);
      const pointer = ["paths", path, method, "responses", String(status), "content", type]
        .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
      const isValid = ajv.getSchema(`openapi#/${pointer.join("/")}/schema`);
      assert.ok(isValid, `${name}: ${status} has no schema`);
      assert.ok(
        isValid(body),
        `${name}: ${status}: ${ajv.errorsText(isValid.errors)}: ${JSON.stringify(body)}`,
      );
    },
  };
}
