-- The system of a role that answered a step's question, and what led there: the journey stays with it.
alter table step add column stays jsonb;
