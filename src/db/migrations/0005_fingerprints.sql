-- The same file once more: its rows would be in a table without a key twice.

-- Size in bytes and CRC-32 of the original file, such as `1048576:89abcdef`: equal for equal bytes,
-- whatever way they came. Null until all of the file was read, and for retries.
alter table @schema@.runs add column fingerprint text;
create index runs_fingerprint on @schema@.runs (fingerprint) where fingerprint is not null;
