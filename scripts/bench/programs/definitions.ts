/** The definitions for the runs. One is a readable file, and the others are derived from it. */
import { parse } from "yaml";
import { LIMITED_AGE } from "../data/customer.ts";
import { COLUMN_TYPES } from "../data/types.ts";
import { type Step, STEPS } from "../importers/steps.ts";

const IMPORTERS = new URL("../importers/", import.meta.url);

export interface DefinitionFolders {
  readonly importers: string;
  /** The same slugs, with the limit corrected that was too narrow. */
  readonly mended: string;
}

/** The importer that has this step. */
export function stepImporter({ name }: Pick<Step, "name">): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/gu, "_");
}

/** Writes the definitions into a folder. */
export async function writeDefinitions(folder: string): Promise<DefinitionFolders> {
  const insert = parse(await Deno.readTextFile(new URL("insert.yaml", IMPORTERS)));
  const { key: _key, on_duplicate: _onDuplicate, ...keyless } = insert;
  const changed = (column: string, rule: object) => {
    const old = insert.columns[column];
    const whole = typeof old === "string" ? { from: old } : old;
    return { ...insert, columns: { ...insert.columns, [column]: { ...whole, ...rule } } };
  };
  const folders = { importers: `${folder}/importers`, mended: `${folder}/mended` };
  for (const path of Object.values(folders)) await Deno.mkdir(path);
  for (const name of ["narrow.yaml", "wide.yaml", "contacts.yaml"]) {
    await Deno.copyFile(new URL(name, IMPORTERS), `${folders.importers}/${name}`);
  }
  const write = (to: string, slug: string, definition: object) =>
    Deno.writeTextFile(`${to}/${slug}.json`, JSON.stringify(definition));
  await write(folders.importers, "insert", insert);
  await write(folders.importers, "logged", { ...insert, options: { log_rows: "all" } });
  const upsert = { ...insert, on_duplicate: "update" };
  await write(folders.importers, "upsert", upsert);
  const whole = { transaction: "run" };
  await write(folders.importers, "insert_whole", { ...insert, options: whole });
  await write(folders.importers, "upsert_whole", { ...upsert, options: whole });
  const absent = { ...upsert, on_absent: "delete", options: whole };
  await write(folders.importers, "upsert_absent", absent);
  for (const undo of ["off", "updates"]) {
    await write(folders.importers, `insert_${undo}`, { ...insert, options: { undo } });
    await write(folders.importers, `upsert_${undo}`, { ...upsert, options: { undo } });
  }
  const { company, country } = insert.columns;
  const lookups = {
    company: { from: company, lookup: { table: "firms", match: "name", returns: "name" } },
    country: { ...country, lookup: { table: "countries", match: "code" } },
  };
  const looked = { ...insert, columns: { ...insert.columns, ...lookups } };
  await write(folders.importers, "insert_looked_up", looked);
  const { active } = insert.columns;
  const json = { ...insert.columns, active: { from: active.from, type: active.type } };
  await write(folders.importers, "insert_json", { ...insert, columns: json });
  await write(folders.importers, "keyless", keyless);
  const unchecked = { id: "id", name: "name", amount: "amount" };
  await write(folders.importers, "unchecked", { table: "narrow", columns: unchecked });
  await write(folders.importers, "limited", changed("age", { max: LIMITED_AGE }));
  await write(folders.mended, "limited", insert);
  for (const { table } of Object.values(COLUMN_TYPES)) {
    const columns = { ...insert.columns, extra: "extra" };
    await write(folders.importers, table, { ...insert, table, columns });
  }
  for (const step of STEPS) {
    await write(folders.importers, stepImporter(step), changed(step.column, step.rule));
  }
  return folders;
}
