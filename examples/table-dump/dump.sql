--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';

CREATE TABLE public.country (
    iso character(2) NOT NULL,
    name text,
    continent_id integer,
    remarks text
);

COPY public.continent (id, name) FROM stdin;
1	Africa
2	Europe
\.


COPY public.country (iso, name, continent_id, remarks) FROM stdin;
GH	Ghana	1	first line\nsecond line
SE	Sweden	2	\N
XX	\N	3	\N
\.


--
-- PostgreSQL database dump complete
--
