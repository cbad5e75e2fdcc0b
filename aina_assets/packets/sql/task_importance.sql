-- The rank of each task within its occupation, and what it rests on. O*NET's own mean rating comes first, then
-- that of another release from a third party's extract; a task without either stands behind the rated ones, core
-- before supplemental, in the file's order (which on the real files follows importance: benchmarks/packets).
with rated as (
    select onet_soc_code, task_id, data_value as importance, vintage, source_file, source_row
    from onet_task_rating
    where scale_id = 'IM' and is_suppression_recommended is not true
),
chosen as (
    select
        onet_task.onet_soc_code,
        onet_task.task_id,
        coalesce(rated.importance, importance_extract.importance) as importance,
        case
            when rated.importance is not null then 'onet_task_rating'
            when importance_extract.importance is not null then 'importance_extract'
            else 'task_type_and_order'
        end as importance_source,
        coalesce(rated.vintage, importance_extract.vintage) as vintage,
        coalesce(rated.source_file, importance_extract.source_file) as source_file,
        coalesce(rated.source_row, importance_extract.source_row) as source_row,
        case task_type when 'Core' then 1 when 'Supplemental' then 3 else 2 end as type_order,
        onet_task.source_row as file_order
    from onet_task
    left join rated using (onet_soc_code, task_id)
    left join importance_extract using (onet_soc_code, task_id)
)
select
    onet_soc_code,
    task_id,
    row_number() over (
        partition by onet_soc_code
        order by importance is null, importance desc, type_order, file_order, task_id
    ) as rank,
    importance,
    importance_source,
    vintage,
    source_file,
    source_row
from chosen
order by onet_soc_code, rank
