import assert from "node:assert/strict";
import { resolve } from "node:path";
import { type ConfigFlags, readConfig } from "../../src/config/config.ts";
import { UsageError } from "../../src/config/usage_error.ts";

const machine = { user: "ana", cores: 3 };

Deno.test("without flags and environment, the config has defaults and is frozen", () => {
  const config = readConfig({}, {}, machine);
  assert.deepEqual(config, {
    importers: "./importers",
    home: resolve(".ingest"),
    schema: "ingest",
    workers: 3,
    savesDefinitions: false,
    storage: null,
    allowedHosts: [],
    user: "ana",
  });
  assert(Object.isFrozen(config));
});

Deno.test("there are as many workers as cores, from two to four", () => {
  const workers = [1, 2, 3, 4, 64].map((cores) =>
    readConfig({}, {}, { ...machine, cores }).workers
  );
  assert.deepEqual(workers, [2, 2, 3, 4, 4]);
});

Deno.test("flags beat the environment, which beats the defaults; empty variables don't count", () => {
  const environment = {
    INGEST_IMPORTERS: "/etc/importers",
    INGEST_HOME: "/var/ingest",
    INGEST_SCHEMA: "loads",
    INGEST_USER: "ci-bot",
  };
  const config = readConfig({ schema: "mine", workers: "8" }, environment, machine);
  assert.equal(config.importers, "/etc/importers");
  assert.equal(config.home, "/var/ingest");
  assert.equal(config.schema, "mine");
  assert.equal(config.workers, 8);
  assert.equal(config.user, "ci-bot");
  const empty = Object.fromEntries(Object.keys(environment).map((name) => [name, ""]));
  assert.deepEqual(readConfig({}, empty, machine), readConfig({}, {}, machine));
  assert.equal(readConfig({}, {}, { ...machine, user: "unknown" }).user, null);
});

Deno.test("each wrong value gives one line with what was expected and what was given", () => {
  const cases: readonly [ConfigFlags, Record<string, string>, RegExp][] = [
    [{ workers: "0" }, {}, /^--workers: expected a whole number from 1 to 64, got "0"$/],
    [{ workers: "65" }, {}, /got "65"$/],
    [{ workers: "two" }, {}, /got "two"$/],
    [{ workers: 1.5 }, {}, /got "1.5"$/],
    [{ workers: "" }, {}, /got ""$/],
    [{ schema: "public" }, {}, /^--schema: expected a schema for ingest's own .* got "public"$/],
    [{ schema: "pg_catalog" }, {}, /got "pg_catalog"$/],
    [{ schema: 'a"; drop' }, {}, /^--schema: /],
    [{ schema: "x".repeat(64) }, {}, /at most 63 characters/],
    [{ schema: "" }, {}, /got ""$/],
    [{}, { INGEST_SCHEMA: "Loads" }, /^INGEST_SCHEMA: .* got "Loads"$/],
  ];
  for (const [flags, environment, message] of cases) {
    assert.throws(() => readConfig(flags, environment, machine), (error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  }
});
