-- The system of the routed role in which a record was born: it stays its home, whatever the routes say later.
alter table record add column born_in text;

-- Whom each system served when the engine last started: what is served elsewhere since then is looked at again.
alter table lane add column serves text[];
