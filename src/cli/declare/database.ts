/** `migrate` and `db`: ingest's own tables, and the embedded Postgres. */
import type { MigrateFlags } from "../commands/migrate.ts";
import { type CommonFlags, withCommonFlags, withDatabaseFlags } from "../flags.ts";
import type { Declaration } from "./declaration.ts";

export function declareDatabaseCommands({ program, output, finish }: Declaration): void {
  const migrate = program.command("migrate")
    .summary("bring ingest's own tables up to date")
    .description("Brings ingest's own tables up to date; run, resume and work do it too.");
  withDatabaseFlags(migrate);
  withCommonFlags(migrate, "ingest migrate --database-url postgres://ci@db.example.com/shop")
    .action(async (flags: MigrateFlags) => {
      const { migrateCommand } = await import("../commands/migrate.ts");
      finish(await migrateCommand(flags, output));
    });

  const db = program.command("db")
    .summary("start, stop and show the embedded Postgres")
    .usage("<command>")
    .description("Starts, stops and shows the embedded Postgres; its data is in INGEST_HOME.");

  withCommonFlags(
    db.command("start").description("Starts it, and leaves it running until `db stop`."),
    "ingest db start",
  ).action(async (flags: CommonFlags) => {
    const { dbStartCommand } = await import("../commands/db.ts");
    finish(await dbStartCommand(flags, output));
  });
  withCommonFlags(db.command("stop").description("Stops it; the data stays."), "ingest db stop")
    .action(async (flags: CommonFlags) => {
      const { dbStopCommand } = await import("../commands/db.ts");
      finish(await dbStopCommand(flags, output));
    });
  withCommonFlags(
    db.command("status").description("Shows whether it is running, and where its data is."),
    "ingest db status",
  ).action(async (flags: CommonFlags) => {
    const { dbStatusCommand } = await import("../commands/db.ts");
    finish(await dbStatusCommand(flags, output));
  });
  withCommonFlags(
    db.command("url").description("Prints its URL, for other programs."),
    'psql "$(ingest db url)"',
  ).action(async (flags: CommonFlags) => {
    const { dbUrlCommand } = await import("../commands/db.ts");
    finish(await dbUrlCommand(flags, output));
  });
  withCommonFlags(
    db.command("psql")
      .description("Opens psql on it. Arguments after -- are passed to psql.")
      .argument("[arguments...]", "for psql"),
    "ingest db psql",
    'ingest db psql -- -c "select count(*) from customers"',
  ).action(async (args: readonly string[]) => {
    const { dbPsqlCommand } = await import("../commands/db.ts");
    finish(await dbPsqlCommand(args));
  });
}
