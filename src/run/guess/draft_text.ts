/** The text of a definition with comments, as YAML. */
import { inlineYaml } from "../../importer/document/definition_edit.ts";
import { keyText } from "../../importer/document/splice_document.ts";
import type { Draft, DraftColumn, DraftRule } from "./draft.ts";

/** `schema`: where editors find the JSON Schema of definitions. */
export function draftText(draft: Draft, schema: string | null): string {
  const { table, source, key, identity, columns } = draft;
  const settings = source.map(({ key, value, comment }) =>
    `  ${key}: ${inlineYaml(value)}${comment === null ? "" : ` # ${comment}`}`
  );
  const lines = [
    ...schema === null ? [] : [`# yaml-language-server: $schema=${schema}`],
    ...draft.comments.map(comment),
    `table: ${inlineYaml(table)}`,
    ...settings.length === 0 ? [] : ["source:", ...settings],
    ...draft.keyComments.map(comment),
    ...key.length === 0 ? [] : [`key: ${inlineYaml(key)}`],
    ...identity === null ? [] : [`identity: ${identity} # or generate: Postgres numbers the rows`],
    ...columns.length === 0 ? [] : ["columns:", ...columns.flatMap(columnLines)],
    ...draft.rest.length === 0 ? [] : ["", ...draft.rest.map(comment)],
  ];
  return `${lines.join("\n")}\n`;
}

function comment(line: string): string {
  return line === "" ? "#" : `# ${line}`;
}

function columnLines({ target, source, rule, comments, instead }: DraftColumn): string[] {
  const write = (own: DraftRule) => `${keyText(target)}: ${ruleText(source, own)}`;
  return [
    ...comments.map((line) => `  # ${line}`),
    `  ${write(rule)}`,
    ...instead.map((own) => `  # ${write(own)}`),
  ];
}

function ruleText(source: string, rule: DraftRule): string {
  return inlineYaml(Object.keys(rule).length === 0 ? source : { from: source, ...rule });
}
