/** Lists the operations of the OpenAPI document: for the page at /docs, and for docs/api.md. */
import type { ApiDocument } from "./openapi.ts";

export interface Operation {
  readonly anchor: string;
  /** In upper case. */
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly needsToken: boolean;
  readonly parameters: readonly Parameter[];
  readonly bodies: readonly { readonly type: string; readonly schema: unknown }[];
  readonly answers: readonly Answer[];
}

export interface Parameter {
  readonly name: string;
  readonly where: string;
  readonly required: boolean;
  readonly description: string;
}

export interface Answer {
  readonly status: string;
  readonly description: string;
  /** The name of its schema, or of the schema of its `data`. */
  readonly shape: string | null;
}

const METHODS = ["get", "post", "delete"] as const;

export function operationsOf(document: ApiDocument): readonly Operation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (operation === undefined) return [];
      const { summary = "", description = "", security = [] } = operation;
      return [{
        anchor: `${method}${path}`.replaceAll(/[^\w]+/gu, "-"),
        method: method.toUpperCase(),
        path,
        summary,
        description,
        needsToken: security.length > 0,
        parameters: (operation.parameters ?? []).flatMap((parameter) =>
          "$ref" in parameter ? [] : [{
            name: parameter.name,
            where: parameter.in,
            required: parameter.required === true,
            description: describeParameter(parameter),
          }]
        ),
        bodies: Object.entries(contentOf(operation.requestBody)).map(([type, { schema }]) => ({
          type,
          schema,
        })),
        answers: Object.entries(operation.responses ?? {}).map(([status, answer]) => ({
          status,
          description: answer.description,
          shape: shapeOf(Object.values(contentOf(answer))[0]?.schema),
        })),
      }];
    })
  );
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

function contentOf(part: unknown): Content {
  if (typeof part !== "object" || part === null || !("content" in part)) return {};
  return part.content as Content ?? {};
}

function describeParameter(parameter: { description?: string; schema?: unknown }): string {
  const schema = parameter.schema as { description?: string; enum?: readonly string[] } | undefined;
  const words = schema?.enum?.map((word) => `\`${word}\``).join(", ");
  return [parameter.description ?? schema?.description, words].filter(Boolean).join(" ");
}

function shapeOf(schema: unknown): string | null {
  const text = JSON.stringify(schema ?? null);
  return /"#\/components\/schemas\/(\w+)"/u.exec(text)?.[1] ?? null;
}
