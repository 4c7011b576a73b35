/** Settings of a source that say nothing of a file, because it turned out to be in another format. */
import type { SourceRule } from "../importer/source_rule.ts";
import type { SourceFormat } from "./format.ts";

type Setting = "delimiter" | "quote" | "escape" | "comment" | "encoding" | "sheet" | "records";

/** What each format has no use for. What decides on the format, such as `records`, is refused elsewhere. */
const USELESS: Readonly<Record<SourceFormat["type"], readonly Setting[]>> = {
  csv: ["sheet"],
  xlsx: ["delimiter", "quote", "escape", "encoding", "records"],
  json: ["delimiter", "quote", "escape", "comment", "sheet"],
  fixed: ["delimiter", "quote", "escape", "sheet", "records"],
  copy: ["quote", "escape", "comment", "sheet"],
};

/** As people call them. */
export const FORMAT_NAMES: Readonly<Record<SourceFormat["type"], string>> = {
  csv: "delimited text",
  xlsx: "a workbook",
  json: "JSON",
  fixed: "text of fixed width",
  copy: "text as COPY writes it",
};

/** A note if the definition, a command or a request has such settings; else none. */
export function unusedSettings(rule: SourceRule, { type }: SourceFormat): readonly string[] {
  const said = USELESS[type].filter((setting) => !isDefault(rule[setting]));
  if (said.length === 0) return [];
  const verb = said.length === 1 ? "says nothing and is" : "say nothing and are";
  return [`The file is ${FORMAT_NAMES[type]}, of which ${said.join(", ")} ${verb} not used.`];
}

function isDefault(value: SourceRule[Setting]): boolean {
  return value === undefined || value === null || value === "auto";
}
