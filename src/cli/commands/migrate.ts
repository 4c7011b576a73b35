import { describeDatabase } from "../../config/resolve_database.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readSettings } from "../settings.ts";

export type MigrateFlags = DatabaseFlags;

export async function migrateCommand(flags: MigrateFlags, output: Output): Promise<number> {
  const settings = readSettings(flags);
  return await withDatabase(settings, output, { migrate: true }, ({ config, applied }) => {
    const { schema } = settings;
    if (flags.json) {
      output.json({ data: { schema, applied } });
    } else {
      const what = applied.length === 0 ? "is up to date" : `was brought up to date`;
      output.print(`Schema ${schema} ${what} (${describeDatabase(config)}).`);
      output.printAll(applied.map((name) => `  ${name}`));
    }
    return Promise.resolve(EXIT.done);
  });
}
