/** Whether two definitions make the same of a file. */
import type { Definition } from "../../importer/definition.ts";
import { routeDefinitions } from "../../importer/routes/routes.ts";

type Rules = Readonly<Record<string, unknown>>;

/**
 * `before`: as it was stored with a run, maybe by an older version. A key that it didn't know doesn't
 * count: otherwise a file would be loaded once more because the program is newer.
 */
export function haveSameRules(before: Definition, now: Definition): boolean {
  const [a, b] = [routeDefinitions(before), routeDefinitions(now)];
  const whens = ({ tables = [] }: Definition) => JSON.stringify(tables.map(({ when }) => when));
  return a.length === b.length && whens(before) === whens(now) &&
    a.every((own, index) => haveSameRulesOfOne(own, b[index]));
}

function haveSameRulesOfOne(before: Definition, now: Definition): boolean {
  const [a, b] = [columnsOf(before), columnsOf(now)];
  if ((before.columns === null) !== (now.columns === null) || a.size !== b.size) return false;
  const isSame = (name: string, rule: Rules) => {
    const other = b.get(name);
    return other !== undefined && agree(rule, other);
  };
  return agree(readingOf(before), readingOf(now)) && agree(loadingOf(before), loadingOf(now)) &&
    [...a].every(([name, rule]) => isSame(name, rule));
}

function agree(before: Rules, now: Rules): boolean {
  return Object.entries(before).every(([key, value]) =>
    value === undefined || JSON.stringify(value) === JSON.stringify(now[key])
  );
}

function columnsOf({ columns }: Definition): ReadonlyMap<string, Rules> {
  // The keys of which older runs lack those that aren't written.
  return new Map(
    Object.entries(columns ?? {}).map(([name, rule]) => [name, { when: null, ...rule }]),
  );
}

/** Where the file is doesn't matter, nor how large it may be. */
function readingOf({ source }: Definition): Rules {
  const { type: _, path: _path, override: _may, max_unpacked: _size, ...others } = source;
  const { url: _url, headers: _headers, key: _key, env: _env, max_download: _most, ...rules } =
    others;
  // The keys that are absent where they aren't written.
  return {
    ...rules,
    unquoted_nulls: rules.unquoted_nulls ?? [],
    member: rules.member ?? null,
    when: rules.when ?? null,
  };
}

/** How the work is done and what is kept of it doesn't matter, nor the table, which is compared. */
function loadingOf({ key, key_where, on_duplicate, on_missing, compare, ...others }: Definition) {
  const { identity, on_absent, time_zone, mapping = {}, options: { unmapped }, overridden = {} } =
    others;
  return {
    ...{ key, key_where, on_duplicate, on_missing, compare, identity, time_zone, unmapped },
    on_absent: on_absent ?? null,
    // Of a file that was loaded in part, the rest is missing.
    limit: overridden.limit ?? null,
    hooks: others.hooks?.checksum ?? null,
    mapping: Object.entries(mapping).toSorted(([a], [b]) => a < b ? -1 : 1),
  };
}
