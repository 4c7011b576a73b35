/** For servers that only tests use: it doesn't matter what a crash of the machine loses. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
  // There is less to write when nothing needs to be recovered or sent to another server.
  wal_level: "minimal",
  max_wal_senders: "0",
  max_connections: "200",
};
