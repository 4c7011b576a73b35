-- Requests over HTTP with an Idempotency-Key: the same key and the same request are done once.

create table @schema@.request_keys (
  -- The token that sent it; 0 as long as there are none.
  token_id bigint not null,
  key text not null,
  -- Who is doing it. Only they may say that it is done.
  holder uuid not null,
  -- When its holder was last known to be at it; once it is done, when it was.
  seen_at timestamptz not null default clock_timestamp(),
  -- What was asked: a hash. Null, as what follows, until it is done.
  request text,
  run_id bigint,
  -- What the answer says besides the run; null if it says no more.
  answer jsonb,
  primary key (token_id, key)
);
-- For those that are old.
create index request_keys_seen on @schema@.request_keys (seen_at);
