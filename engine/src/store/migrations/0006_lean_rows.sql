-- Rows that change often are kept small, and are changed in their place.

-- field → the version that brought its value; the version itself says from where, by whom and why.
update record r set sources = coalesce(
  (select jsonb_object_agg(field, version)
   from (select field, max(v.version) as version
         from record_version v, jsonb_object_keys(v.fields) as field
         where v.ref = r.ref group by field) brought),
  '{}');

-- A row of some kilobytes that is rewritten with every change costs more to pack and unpack than it saves.
alter table record set (toast_tuple_target = 8160);
alter table holding set (toast_tuple_target = 8160);
