-- A file that the importer has loaded before: which run did, and when. Null: none, or not known yet.
alter table @schema@.runs add column same_file jsonb;
