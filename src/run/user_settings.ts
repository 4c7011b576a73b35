/** The settings under which a run's values are read: those of the user's session, as `\copy` has. */
import { PostgresError } from "../db/connection_errors.ts";
import type { Session } from "../db/session.ts";
import type { UserSettings } from "../db/session_settings.ts";
import type { Definition } from "../importer/definition.ts";
import { DefinitionError } from "../importer/definition_errors.ts";
import { type Origin, Problems } from "../importer/problem.ts";

const INVALID_VALUE = "22023";

/**
 * `inherited`: the settings of the run that is retried, which has read the same rows before.
 * Throws DefinitionError if Postgres doesn't know the definition's time zone.
 */
export async function settingsFor(
  session: Session,
  definition: Definition,
  origin?: Origin,
  inherited: UserSettings | null = null,
): Promise<UserSettings> {
  const settings = inherited ?? session.userSettings;
  const zone = definition.time_zone ?? null;
  return zone === null
    ? settings
    : { ...settings, TimeZone: await findZone(session, zone, definition, origin) };
}

/** The zone's name as Postgres writes it. */
async function findZone(
  session: Session,
  zone: string,
  { slug }: Definition,
  origin: Origin = { file: `importer ${slug}`, positions: new Map() },
): Promise<string> {
  try {
    return await session.transaction(async () => {
      const [{ name }] = await session.query<{ name: string }>(
        "select set_config('TimeZone', $1, true) as name",
        [zone],
      );
      return name;
    });
  } catch (error) {
    if (!(error instanceof PostgresError) || error.code !== INVALID_VALUE) throw error;
    const problems = new Problems(origin);
    problems.wrong(["time_zone"], zone, "a time zone that this Postgres knows (pg_timezone_names)");
    throw new DefinitionError(problems.list);
  }
}
