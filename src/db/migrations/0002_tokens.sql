-- Who may use the HTTP API. A token itself is never stored, only what it is recognised by.
-- Rows stay when a token is revoked: a server that ever had tokens must not open up without them.

create table @schema@.tokens (
  id bigint generated always as identity primary key,
  -- Who asks, as people call it: `ci`.
  name text not null check (length(name) between 1 and 100),
  -- The visible part of the token, to find it by and to tell one from another.
  prefix text not null unique check (length(prefix) = 8),
  -- SHA-256 of the whole token, hex.
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  -- Each may do what those before it may.
  scope text not null check (scope in ('read', 'run', 'admin')),
  -- Patterns of slugs, `*` for any characters. Null: all importers.
  importers text[],
  created_by text,
  created_at timestamptz not null default now(),
  -- Null: never.
  expires_at timestamptz,
  -- To the minute: not every request writes.
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint tokens_importers_not_empty check (
    cardinality(importers) > 0 and array_position(importers, null) is null)
);
-- A revoked token leaves its name to the one that takes its place.
create unique index tokens_name on @schema@.tokens (name) where revoked_at is null;
