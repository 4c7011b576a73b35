import { describeDatabase } from "../../config/resolve_database.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";

export type MigrateFlags = DatabaseFlags;

export async function migrateCommand(flags: MigrateFlags, output: Output): Promise<number> {
  return await withDatabase(flags, output, { migrate: true }, ({ config, schemaName, applied }) => {
    if (flags.json) {
      output.json({ data: { schema: schemaName, applied } });
    } else {
      const what = applied.length === 0 ? "is up to date" : `was brought up to date`;
      output.print(`Schema ${schemaName} ${what} (${describeDatabase(config)}).`);
      output.printAll(applied.map((name) => `  ${name}`));
    }
    return Promise.resolve(EXIT.done);
  });
}
