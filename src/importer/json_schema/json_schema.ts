/** The JSON Schema of a definition, with which editors complete and explain its keys. */
import * as z from "zod/mini";
import { definitionSchema } from "../schema.ts";
import { COLUMN_HELP, TRANSFORM_HELP } from "./column_help.ts";
import { DEFINITION_HELP } from "./definition_help.ts";
import type { KeyHelp } from "./key_help.ts";
import { NESTED_HELP } from "./nested_help.ts";
import { OF_ONE_TABLE, ROUTE_HELP } from "./route_help.ts";

type Part = z.core.JSONSchema.BaseSchema;

/** In draft 7, which all editors know. */
export function definitionJsonSchema(): Part {
  const schema = z.toJSONSchema(definitionSchema, { target: "draft-7" });
  explain(schema, DEFINITION_HELP);
  const column = mappingIn(schema.properties?.columns);
  explain(column, COLUMN_HELP);
  const route = mappingIn(schema.properties?.tables);
  explain(route, {
    ...ROUTE_HELP,
    ...Object.fromEntries(OF_ONE_TABLE.map((key) => [key, DEFINITION_HELP[key]])),
  });
  const own = mappingIn(route.properties?.columns);
  explain(own, COLUMN_HELP);
  const many = mappingIn(schema.properties?.many);
  // What may be inside itself is written once, and named.
  const named: object = schema.definitions ?? {};
  const [nested] = Object.values(named);
  if (typeof nested !== "object") throw new Error("The schema doesn't name what is nested");
  explain(nested, NESTED_HELP);
  const child = mappingIn(nested.properties?.columns);
  explain(child, COLUMN_HELP);
  for (const { properties } of [column, own, many, child]) {
    explain(mappingIn(properties?.transform), TRANSFORM_HELP);
  }
  const condition = conditionIn(column);
  for (const part of [column, own, route, child, mappingIn(schema.properties?.source)]) {
    nameCondition(part);
  }
  return {
    ...schema,
    definitions: { ...named, condition },
    title: "Definition of an importer",
    description:
      "What `ingest` imports: which table, which column of the file fills which column " +
      "of the table, and what values have to look like.",
    // What it extends may name the table.
    anyOf: [{ required: ["table"] }, { required: ["tables"] }, { required: ["extends"] }],
  };
}

const A_CONDITION = { $ref: "#/definitions/condition" };

/** A condition is made of conditions: with each one in full, the schema would be four times as long. */
function conditionIn(column: Part): Part {
  const { description: _, examples: __, ...condition } = mappingIn(column.properties?.when);
  for (const key of ["all", "any", "none"]) {
    const group = condition.properties?.[key];
    if (typeof group !== "object") throw new Error(`No condition has a key ${key}`);
    group.items = A_CONDITION;
  }
  return condition;
}

function nameCondition({ properties = {} }: Part): void {
  const { when } = properties;
  if (typeof when !== "object") throw new Error("There is no condition here");
  const { description, examples } = when;
  properties.when = { description, examples, allOf: [A_CONDITION] };
}

/** Throws if the schema has another key than the help. */
function explain(mapping: Part, help: Readonly<Record<string, KeyHelp>>): void {
  const { properties = {} } = mapping;
  for (const [key, { says, example, keys }] of Object.entries(help)) {
    const property = properties[key];
    if (typeof property !== "object") throw new Error(`No definition has a key ${key} here`);
    property.description = says;
    property.examples = [example];
    if (keys !== undefined) explain(mappingIn(property), keys);
  }
}

/** The mapping with keys that this is, or that is one of its forms, entries or values. */
function mappingIn(part: Part | boolean | undefined): Part {
  const forms = typeof part === "object" ? formsOf(part) : [];
  const mapping = forms.find(({ properties }) => properties !== undefined);
  if (mapping === undefined) throw new Error("There is no mapping here");
  return mapping;
}

function formsOf(part: Part): readonly Part[] {
  const inner = [part.anyOf, part.items, part.additionalProperties].flat();
  return [part, ...inner.flatMap((each) => typeof each === "object" ? formsOf(each) : [])];
}
