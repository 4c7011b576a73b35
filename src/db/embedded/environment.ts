/** Environment variables, as far as they say where a Postgres lies. */
export type Environment = Readonly<Record<string, string | undefined>>;
