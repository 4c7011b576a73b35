/** Writes JSON schemas for people, roughly like TypeScript's types. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export function describeSchema(schema: unknown): string {
  return typeOf(schema as Schema, "");
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, properties, items, additionalProperties } = schema;
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf("/") + 1);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    return [...new Set(choices.map((choice) => typeOf(choice, indent)))].join(" | ");
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  }
  const types = [schema.type ?? "any"].flat();
  return types.map((type) => {
    if (type === "array") return listOf(items ?? {}, indent);
    if (type !== "object") return schema.format === "binary" ? "file" : type;
    if (properties !== undefined) return objectOf(schema, properties, indent);
    const values = typeof additionalProperties === "object" ? additionalProperties : {};
    return `{ [name: string]: ${typeOf(values, indent)} }`;
  }).join(" | ");
}

function listOf(items: Schema, indent: string): string {
  const type = typeOf(items, indent);
  return type.includes(" | ") ? `(${type})[]` : `${type}[]`;
}

function objectOf(
  { required = [], additionalProperties }: Schema,
  properties: Readonly<Record<string, Schema>>,
  indent: string,
): string {
  const deeper = `${indent}  `;
  const lines = Object.entries(properties).flatMap(([name, schema]) => [
    ...(schema.description === undefined ? [] : [`${deeper}/** ${schema.description} */`]),
    `${deeper}${name}${required.includes(name) ? "" : "?"}: ${typeOf(schema, deeper)};`,
  ]);
  // If other properties are refused or not mentioned, there is nothing to add.
  const open = typeof additionalProperties === "object" ? [`${deeper}// and more`] : [];
  return ["{", ...lines, ...open, `${indent}}`].join("\n");
}
