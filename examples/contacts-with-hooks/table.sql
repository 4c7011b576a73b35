create table contacts (
  email text primary key,
  first_name text,
  last_name text not null,
  phone text
);
create table contact_imports (file_rows int not null, loaded int not null);
