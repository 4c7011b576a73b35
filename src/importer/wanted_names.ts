/** What a definition calls the columns of the file that it reads. */
import { mappedRules } from "./column_mapping.ts";
import { namesIn } from "./condition/condition.ts";
import type { Definition } from "./definition.ts";
import { routeDefinitions } from "./routes/routes.ts";

/** Aliases of a column of the file. `isColumn`: they fill a column of the table, or are a part of it. */
export interface WantedName {
  readonly names: readonly string[];
  readonly isColumn: boolean;
}

export function wantedNames(definition: Definition): readonly WantedName[] {
  const { tables = [] } = definition;
  const deciding = tables.flatMap(({ when }) => when === null ? [] : namesIn(when));
  return [
    ...deciding.map((names) => ({ names, isColumn: true })),
    ...routeDefinitions(definition).flatMap(wantedByOne),
  ];
}

function wantedByOne(definition: Definition): readonly WantedName[] {
  const { key, compare, many = [], nested = [] } = definition;
  const columns = Object.values(mappedRules(definition)).flatMap((rule) => {
    const isJoined = rule.concat !== null || rule.transform.some(({ op }) => op === "concat");
    const { from } = rule;
    return isJoined ? from.map((name) => [name]) : from.length === 0 ? [] : [from];
  });
  const rules = [definition.source, ...Object.values(mappedRules(definition))];
  const compared = rules.flatMap(({ when = null }) => when === null ? [] : namesIn(when));
  const mentioned = [...key, ...compare === null ? [] : [compare.source]];
  return [
    ...[
      ...columns,
      ...compared,
      ...many.map(({ from }) => from),
      ...nested.map(({ from }) => [from]),
    ]
      .map((names) => ({ names, isColumn: true })),
    ...mentioned.map((name) => ({ names: [name], isColumn: false })),
  ];
}
