import assert from "node:assert/strict";
import {
  type DatabaseConfig,
  type DatabaseFlags,
  describeDatabase,
  type Environment,
  formatDatabaseUrl,
  type Machine,
  resolveDatabase,
} from "../../src/config/resolve_database.ts";
import { UsageError } from "../../src/config/usage_error.ts";

const machine: Machine = {
  user: "ana",
  cores: 4,
  homeFolder: "/home/ana",
  exists: () => false,
  readPasswordFile: () => null,
};

function server(
  flags: DatabaseFlags,
  environment: Environment = {},
  on: Partial<Machine> = {},
): DatabaseConfig {
  const choice = resolveDatabase(flags, environment, false, { ...machine, ...on });
  assert.equal(choice.kind, "server");
  assert(choice.kind === "server");
  return choice.config;
}

const fromUrl = (databaseUrl: string, environment: Environment = {}) =>
  server({ databaseUrl }, environment);

const plain: DatabaseConfig = {
  host: "localhost",
  port: 5432,
  database: "ana",
  user: "ana",
  password: null,
  ssl: false,
  sslRootCertificate: null,
};

Deno.test("a URL is read as libpq reads it", () => {
  const cases: readonly [string, Partial<DatabaseConfig>][] = [
    ["postgres://", {}],
    ["postgres://localhost", {}],
    ["postgresql://bob@localhost/crm", { user: "bob", database: "crm" }],
    ["postgres://bob:p%40ss%3Aw%2Frd@db.example.com:6000/crm?sslmode=require", {
      host: "db.example.com",
      port: 6000,
      user: "bob",
      password: "p@ss:w/rd",
      database: "crm",
      ssl: "require",
    }],
    ["postgres://db.example.com/", { host: "db.example.com", ssl: "prefer" }],
    ["postgres://db.example.com/?sslmode=verify-full&sslrootcert=/ca.pem", {
      host: "db.example.com",
      ssl: "verify-full",
      sslRootCertificate: "/ca.pem",
    }],
    ["postgres://[2001:db8::1]:6000/x", {
      host: "2001:db8::1",
      port: 6000,
      database: "x",
      ssl: "prefer",
    }],
    ["postgres:///crm?host=/run/pg&port=6000", { host: "/run/pg", port: 6000, database: "crm" }],
    ["postgres://bob:pw@/crm?host=/run/my%20pg", {
      host: "/run/my pg",
      user: "bob",
      password: "pw",
      database: "crm",
    }],
    ["postgres://%2Frun%2Fpg/crm", { host: "/run/pg", database: "crm" }],
    ["postgres:///my%20db?user=bob&password=a%26b&application_name=x", {
      database: "my db",
      user: "bob",
      password: "a&b",
    }],
    ["postgres://bob@localhost?dbname=crm", { user: "bob", database: "crm" }],
  ];
  for (const [url, parts] of cases) {
    const user = parts.user ?? plain.user;
    assert.deepEqual(fromUrl(url), { ...plain, user, database: user, ...parts }, url);
  }
});

Deno.test("parts that a URL leaves out come from PG* variables, then from defaults", () => {
  const environment = {
    PGHOST: "db.example.com",
    PGPORT: "6000",
    PGUSER: "bob",
    PGPASSWORD: "secret",
    PGDATABASE: "crm",
    PGSSLMODE: "disable",
  };
  const all = {
    ...plain,
    host: "db.example.com",
    port: 6000,
    user: "bob",
    password: "secret",
    database: "crm",
  };
  assert.deepEqual(server({}, environment), all);
  assert.deepEqual(fromUrl("postgres://other:5433/x", environment), {
    ...all,
    host: "other",
    port: 5433,
    database: "x",
  });
  const both = server({}, { PGHOST: "h", PGHOSTADDR: "10.0.0.1" });
  // The certificate and the password file have the name.
  assert.deepEqual([both.host, both.address, both.ssl], ["h", "10.0.0.1", "prefer"]);
  const alone = server({}, { PGHOSTADDR: "10.0.0.1" });
  assert.deepEqual([alone.host, alone.address], ["10.0.0.1", undefined]);
  const inUrl = fromUrl("postgres://a:1,b:2/?hostaddr=10.0.0.1,", { PGHOSTADDR: "10.9.9.9" });
  assert.deepEqual([inUrl.address, inUrl.others?.[0].host, inUrl.others?.[0].address], [
    "10.0.0.1",
    "b",
    undefined,
  ]);
  assert.deepEqual(fromUrl(formatDatabaseUrl(inUrl)), inUrl);
  assert.throws(
    () => server({}, { PGHOST: "a,b", PGHOSTADDR: "10.0.0.1" }),
    /^UsageError: 1 addresses for 2 hosts/,
  );
  assert.equal(server({}, { PGDATABASE: "x", PGHOST: "" }).host, "localhost");
  const socket = "/var/run/postgresql/.s.PGSQL.5432";
  const exists = (path: string) => path === socket;
  assert.equal(server({}, { PGDATABASE: "x" }, { exists }).host, "/var/run/postgresql");
});

Deno.test("several servers are tried in turn, each with its own password", () => {
  const readPasswordFile = () => "a:*:*:*:first\nb:6000:*:*:second\n";
  const url = "postgres://bob@a,b:6000,[::1]/crm?target_session_attrs=read-write";
  const config = server({ databaseUrl: url }, {}, { readPasswordFile });
  const { others = [] } = config;
  assert.deepEqual(
    [config, ...others].map(({ host, port, password, ssl }) => [host, port, password, ssl]),
    [["a", 5432, "first", "prefer"], ["b", 6000, "second", "prefer"], ["::1", 5432, null, false]],
  );
  assert.equal(config.target, "read-write");
  assert.equal(
    describeDatabase(config),
    "server a:5432 or b:6000 or [::1]:5432, database crm",
  );
  const again = server({ databaseUrl: formatDatabaseUrl(config) }, {}, { readPasswordFile });
  assert.deepEqual(again.others?.map(({ host, port }) => [host, port]), [["b", 6000], [
    "::1",
    5432,
  ]]);
  const fromEnvironment = server({}, { PGHOST: "a,b", PGPORT: "1,2" });
  assert.deepEqual([fromEnvironment.port, fromEnvironment.others?.[0].port], [1, 2]);
  assert.equal(server({}, { PGHOST: "a,b", PGPORT: "7" }).others?.[0].port, 7);
});

Deno.test("a certificate is verified as soon as it is known whom to trust, as by libpq", () => {
  const ssl = (query: string, environment: Environment = {}, on: Partial<Machine> = {}) => {
    const config = server({ databaseUrl: `postgres://h/x?${query}` }, environment, on);
    return [config.ssl, config.sslRootCertificate];
  };
  assert.deepEqual(ssl("sslmode=require"), ["require", null]);
  assert.deepEqual(ssl("sslmode=require&sslrootcert=/ca"), ["verify-ca", "/ca"]);
  assert.deepEqual(ssl("sslmode=require", { PGSSLROOTCERT: "/ca" }), ["verify-ca", "/ca"]);
  const usual = "/home/ana/.postgresql/root.crt";
  const exists = (path: string) => path === usual;
  assert.deepEqual(ssl("sslmode=require", {}, { exists }), ["verify-ca", usual]);
  assert.deepEqual(ssl("sslmode=verify-ca&sslrootcert=/ca"), ["verify-ca", "/ca"]);
  assert.deepEqual(ssl("sslmode=prefer&sslrootcert=/ca"), ["prefer", "/ca"]);
  assert.deepEqual(ssl("sslrootcert=system"), ["verify-full", null]);
  assert.deepEqual(ssl("", { PGREQUIRESSL: "1" }), ["require", null]);
  assert.deepEqual(ssl("ssl=true"), ["require", null]);
  // libpq would look into the list of revoked certificates.
  const revoked = (path: string) => path.startsWith("/home/ana/.postgresql/root.cr");
  for (const query of ["sslmode=require", "sslmode=verify-full", "sslmode=verify-ca"]) {
    assert.throws(() => ssl(query, {}, { exists: revoked }), /root\.crl: ingest can't use lists/);
  }
  assert.deepEqual(ssl("sslmode=prefer", {}, { exists: revoked }), ["prefer", usual]);
  assert.deepEqual(ssl("sslrootcert=system", {}, { exists: revoked }), ["verify-full", null]);
});

Deno.test("parameters that ask for nothing are left out, and connect_timeout holds", () => {
  const url = "postgres://localhost/x?channel_binding=prefer&gssencmode=disable&keepalives=1" +
    "&connect_timeout=3&target_session_attrs=any&ssl_min_protocol_version=TLSv1.2";
  assert.deepEqual(fromUrl(url), { ...plain, database: "x", connectTimeout: 3000 });
  assert.equal(server({}, { PGHOST: "h", PGCONNECT_TIMEOUT: "0" }).connectTimeout, undefined);
});

Deno.test("PGOPTIONS, PGTZ, PGDATESTYLE and the URL's options are sent to the server, as by libpq", () => {
  const environment = { PGOPTIONS: "-c work_mem=64MB", PGTZ: "Europe/Berlin", PGDATESTYLE: "DMY" };
  const { startup } = fromUrl("postgres://localhost/x", environment);
  assert.deepEqual(startup, {
    options: "-c work_mem=64MB",
    TimeZone: "Europe/Berlin",
    DateStyle: "DMY",
  });
  const url = "postgres://localhost/x?options=-c%20geqo%3Doff";
  assert.equal(fromUrl(url, environment).startup?.options, "-c geqo=off");
  assert.equal(fromUrl("postgres://localhost/x").startup, undefined);
  assert.deepEqual(resolveDatabase({ embedded: true }, { PGTZ: "UTC" }, false, machine), {
    kind: "embedded",
    announced: true,
    startup: { TimeZone: "UTC" },
  });
  // A URL has options only.
  assert.deepEqual(
    fromUrl(formatDatabaseUrl({ ...plain, startup: { options: "-c a=b", TimeZone: "My Zone" } }))
      .startup,
    { options: "-c a=b -c TimeZone=My\\ Zone" },
  );
});

Deno.test("the password file's line must match the server, database and user", () => {
  const file = [
    "# a comment:*:*:*:no",
    "other:5432:*:*:no",
    "db.example.com:5432:crm:bob:first\\:\\\\ one",
    "localhost:*:*:ana:local",
    "*:*:*:*:any",
  ].join("\n");
  const paths: string[] = [];
  const readPasswordFile = (path: string) => {
    paths.push(path);
    return file;
  };
  const password = (url: string, environment: Environment = {}) =>
    server({ databaseUrl: url }, environment, { readPasswordFile }).password;
  assert.equal(password("postgres://bob@db.example.com/crm"), "first:\\ one");
  assert.equal(password("postgres:///?host=/var/run/postgresql"), "local");
  assert.equal(password("postgres://eve@elsewhere/x", { PGPASSFILE: "/pass" }), "any");
  assert.equal(password("postgres://eve:own@elsewhere/x"), "own");
  assert.deepEqual(paths, ["/home/ana/.pgpass", "/home/ana/.pgpass", "/pass"]);
});

Deno.test("flags beat the environment, and INGEST_EMBEDDED beats DATABASE_URL", () => {
  const environment = { DATABASE_URL: "postgres://from-env/x", PGHOST: "from-pg" };
  assert.equal(server({}, environment).host, "from-env");
  assert.equal(server({ databaseUrl: "postgres://flag/x" }, environment).host, "flag");
  const embedded = { kind: "embedded", announced: true };
  assert.deepEqual(resolveDatabase({ embedded: true }, environment, false, machine), embedded);
  const on = { ...environment, INGEST_EMBEDDED: "1" };
  assert.deepEqual(resolveDatabase({}, on, false, machine), embedded);
  assert.equal(server({ databaseUrl: "postgres://flag/x" }, on).host, "flag");
  assert.equal(server({}, { ...environment, INGEST_EMBEDDED: "0" }).host, "from-env");
});

Deno.test("if nothing names a database, a terminal gets the embedded one, a script an error", () => {
  const environment = { PGUSER: "bob", PGPASSWORD: "x", DATABASE_URL: "", PGHOST: "" };
  assert.deepEqual(resolveDatabase({}, environment, true, machine), {
    kind: "embedded",
    announced: false,
  });
  assert.throws(
    () => resolveDatabase({}, environment, false, machine),
    (error) => error instanceof UsageError && /DATABASE_URL .*--embedded/.test(error.message),
  );
});

Deno.test("a wrong value gives one line that says where it is and hides the password", () => {
  const cases: readonly [DatabaseFlags, Environment, RegExp][] = [
    [{ databaseUrl: "mysql://u:hunter2@h/x" }, {}, /^--database-url: expected a URL such as/],
    [{ databaseUrl: "" }, {}, /^--database-url: expected a URL/],
    [{}, { DATABASE_URL: "postgres://u:hunter2@x@h/y" }, /^DATABASE_URL: not a valid URL.*%40/],
    [{}, { DATABASE_URL: "postgres://u:hunter2%zz@h/y" }, /^DATABASE_URL: a % .* %25/],
    [{}, { DATABASE_URL: "postgres://h/x?sslmode=on" }, /sslmode: expected disable, .* got "on"/],
    [{}, { DATABASE_URL: "postgres://h:99999/x" }, /expected a port from 1 to 65535, got "99999"/],
    [{}, { DATABASE_URL: "postgres://h:1,i:2,j:3/x?port=1,2" }, /^2 ports for 3 hosts/],
    [{}, { DATABASE_URL: "postgres://h/x?channel_binding=require" }, /channel_binding=require/],
    [{}, { DATABASE_URL: "postgres://h/x?gssencmode=require" }, /gssencmode=require is not supp/],
    [{}, { DATABASE_URL: "postgres://h/x?sslcert=/me.crt" }, /sslcert is not supported/],
    [{}, { DATABASE_URL: "postgres://h/x?sslrootcert=system&sslmode=require" }, /verify-full/],
    [{}, { DATABASE_URL: "postgres://h/x?target_session_attrs=standby" }, /ingest writes/],
    [{}, { DATABASE_URL: "postgres://h/x?connect_timeout=soon" }, /a number of seconds/],
    [{}, { PGHOST: "h", PGCHANNELBINDING: "require" }, /^PGCHANNELBINDING=require is not supp/],
    [{}, { PGHOST: "h", PGREQUIREPEER: "postgres" }, /^PGREQUIREPEER is not supported/],
    [{}, { PGHOST: "h", PGSSLCRL: "/crl" }, /^PGSSLCRL is not supported/],
    [{}, { PGHOST: "h", PGSSLMINPROTOCOLVERSION: "TLSv1.3" }, /^PGSSLMINPROTOCOLVERSION=TLSv1.3/],
    [{}, { PGHOST: "h", PGTARGETSESSIONATTRS: "read-only" }, /^PGTARGETSESSIONATTRS: expected/],
    [{}, { PGHOST: "h", PGPORT: "no" }, /^PGPORT: expected a port .* got "no"/],
    [{}, { PGHOST: "h", PGSSLMODE: "maybe" }, /^PGSSLMODE: expected/],
    [{}, { PGSERVICE: "x" }, /^PGSERVICE is not supported/],
    [{ databaseUrl: "postgres://h/x" }, { PGSERVICE: "x" }, /^PGSERVICE is not supported/],
    [{}, { INGEST_EMBEDDED: "maybe" }, /^INGEST_EMBEDDED: expected 1 or 0, got "maybe"/],
    [{ embedded: true, databaseUrl: "postgres://h" }, {}, /exclude each other/],
  ];
  for (const [flags, environment, message] of cases) {
    assert.throws(() => resolveDatabase(flags, environment, false, machine), (error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2|\n/);
      return true;
    });
  }
});

Deno.test("formatDatabaseUrl() writes a URL that parses to the same, whatever the names", () => {
  const configs: readonly DatabaseConfig[] = [
    plain,
    { ...plain, user: "a@b:c/d?e#f%", password: "p@:/?#%&= +ü", database: "x/y z" },
    { ...plain, host: "/run/my pg+x", port: 6000, password: "" },
    { ...plain, host: "::1", ssl: "verify-full", sslRootCertificate: "/my ca.pem" },
  ];
  for (const config of configs) {
    const password = config.password || null;
    assert.deepEqual(fromUrl(formatDatabaseUrl(config)), { ...config, password });
  }
});

Deno.test("describeDatabase() names server and database, never the password", () => {
  const config = { ...plain, password: "hunter2", host: "db.example.com", database: "crm" };
  assert.equal(describeDatabase(config), "server db.example.com:5432, database crm");
  assert.equal(describeDatabase({ ...config, host: "::1" }), "server [::1]:5432, database crm");
  assert.equal(
    describeDatabase({ ...config, host: "/run/pg" }),
    "server at /run/pg (port 5432), database crm",
  );
});
