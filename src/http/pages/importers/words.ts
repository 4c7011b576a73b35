/** What an importer does, in sentences. */
import type { Definition } from "../../../importer/definition.ts";
import { routeDefinitions } from "../../../importer/routes/routes.ts";

/** `adds rows, and updates those whose email is there already` */
export function strategyOf(definition: Definition): string {
  if (definition.tables === undefined) return strategyOfOne(definition);
  const all = routeDefinitions(definition).map((own) => `${own.table}: ${strategyOfOne(own)}`);
  return `Each row goes into one of several tables. ${all.join(" ")}`;
}

function strategyOfOne(definition: Definition): string {
  const { key, on_duplicate, on_missing, compare } = definition;
  if (key.length === 0) return "Adds every row.";
  const same = `the same ${list(key)}`;
  const there = {
    skip: `Rows with ${same} as one in the table are skipped`,
    update: `Rows with ${same} as one in the table update it`,
    update_if_newer: `Rows with ${same} as one in the table update it if ${
      compare?.target ?? "they"
    } ${compare === null ? "are" : "is"} newer`,
    fail: `Rows with ${same} as one in the table fail`,
  }[on_duplicate];
  const others = { insert: "others are added", skip: "others are skipped", fail: "others fail" };
  return `${there}; ${others[on_missing]}.${absentOf(definition)}`;
}

function absentOf({ on_absent: rule }: Definition): string {
  if (rule === undefined) return "";
  const scope = Object.keys(rule.scope);
  const which = scope.length === 0 ? "" : `, within ${list(scope)}`;
  return ` Rows of the table that the file doesn't have are ${
    rule.mark === null ? "deleted" : `marked (${rule.mark.column})`
  }${which}.`;
}

/** `a file that you choose`, `nightly.csv on the server` */
export function sourceOf({ source }: Definition): string {
  if (source.type === "upload") return "a file that you choose";
  if (source.url !== undefined) return `a file from ${shownHost(source.url)}`;
  if (source.type === "folder") return `files put into ${source.path} on the server`;
  return source.path === null ? "a file on the server" : `${source.path} on the server`;
}

/** Not who signs in, nor the query, which often holds a key. */
function shownHost(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]+:\/\/(?:[^/@]*@)?/iu, "").replace(/[?#].*$/u, "");
}

function list(names: readonly string[]): string {
  if (names.length <= 1) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
