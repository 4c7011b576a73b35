/** The environment variables, some of which tell where to find a Postgres. */
export type Environment = Readonly<Record<string, string | undefined>>;
