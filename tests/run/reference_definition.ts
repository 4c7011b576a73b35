/** The definition of a case. */
import type { Definition } from "../../src/importer/definition.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { type Case, hasCondition, WITHOUT_EMAIL } from "./reference_case.ts";

export function definitionOf(each: Case): Definition {
  const parsed = parseDefinition(JSON.stringify(written(each)), "t.json");
  if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
  return parsed.definition;
}

/** As it stands in a file. */
export function written(each: Case): object {
  const { shape, rules, others, absent, batchRows, undo, transaction } = each;
  const compares = rules.onDuplicate === "update_if_newer";
  const extra = compares && rules.compare === "extra";
  const lookup = (table: string, more: object) => ({ lookup: { table, match: "name", ...more } });
  return {
    table: "t",
    ...rules.hasKey && { key: "k", on_duplicate: rules.onDuplicate, on_missing: rules.onMissing },
    ...compares && { compare: { source: "stamp", target: extra ? "changed_at" : "stamp" } },
    columns: {
      k: "k",
      email: {
        from: "email",
        ...hasCondition(each) && { when: { column: "AMOUNT", not: WITHOUT_EMAIL } },
      },
      amount: "amount",
      ref: "ref",
      ...shape.parent && { parent: "parent" },
      ...!extra && { stamp: "stamp" },
      ...others.city && { city: { from: "city", ...lookup("cities", { returns: "code" }) } },
      ...others.tag && { tag: { from: "tag", ...lookup("tags", { create: true }) } },
      ...absent?.marks && { gone: { value: "false" } },
    },
    ...others.labels !== null && {
      many: [{
        from: "labels",
        separator: "|",
        ...lookup("labels", { create: others.labels.create }),
        pivot: { table: "links", local: "t", foreign: "label" },
        sync: others.labels.replace ? "replace" : "add",
      }],
    },
    ...others.items !== null && {
      nested: [{
        from: "items",
        table: "items",
        foreign_key: { t: "k" },
        key: ["t", "line"],
        on_duplicate: others.items,
        columns: { line: "line", qty: "qty" },
      }],
    },
    ...absent !== null && {
      on_absent: absent.marks ? { mark: { column: "gone", value: "true" } } : "delete",
      ...absent.scope !== null && { scope: { stamp: absent.scope } },
    },
    options: {
      batch_rows: batchRows,
      batch_bytes: 1_000_000,
      log_rows: "all",
      ...others.labels === null && others.items === null && { undo },
      transaction: transaction === "aside" ? "run" : transaction,
      ...transaction === "aside" && { hold_if: ["failed > 1000"] },
      ...absent !== null && { max_absent: "100%" },
      ...absent?.despite && { absent_despite_failures: true },
    },
  };
}
