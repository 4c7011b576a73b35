/** For servers that only tests use: it doesn't matter what a crash of the machine loses. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
  // Creating a database then copies a template of 7 MB without writing it to the log.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_connections: "200",
};
