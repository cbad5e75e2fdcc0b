-- Every node of the graph with the row that defines it. Titles are the serviceable ones: of others nothing is
-- claimed, so nothing hangs on them.
with served as (
    select title_id, normalized_title from title_packet
),
signal as (
    select distinct on (kind, source_row) kind, source_row, value, unit, vintage, source_file
    from task_ai_signal
    where value is not null
    order by kind, source_row, source_file
),
technology as (
    select workplace_example, min_by(vintage, source_row) as vintage, min_by(source_file, source_row) as source_file,
        min(source_row) as source_row
    from onet_software_skill
    group by workplace_example
)
select
    'title:' || title_id as node_id, 'title' as kind, normalized_title as name, 'title_packet' as source_table,
    null::varchar as vintage, null::varchar as source_file, null::bigint as source_row
from served
union all
select 'function:' || "function", 'function', replace("function", '_', ' '), 'business_functions', null, null, null
from business_function
union all
select 'soc:' || soc_code, 'soc', title, 'soc_group', vintage, source_file, source_row from soc_group
union all
select 'onet:' || onet_soc_code, 'occupation', title, 'onet_occupation', vintage, source_file, source_row
from onet_occupation
union all
select 'task:' || task_id, 'task', task, 'onet_task', vintage, source_file, source_row from onet_task
union all
select 'dwa:' || dwa_id, 'dwa', dwa_title, 'onet_dwa', vintage, source_file, source_row from onet_dwa
union all
select 'iwa:' || iwa_id, 'iwa', iwa_title, 'onet_iwa', vintage, source_file, source_row from onet_iwa
union all
select 'gwa:' || element_id, 'gwa', element_name, 'onet_content_model', vintage, source_file, source_row
from onet_content_model
where element_id in (select gwa_id from onet_iwa)
union all
select 'technology:' || workplace_example, 'technology', workplace_example, 'onet_software_skill', vintage,
    source_file, source_row
from technology
union all
select 'gdpval:' || task_id, 'gdpval', 'GDPval task of ' || occupation, 'gdpval_task', vintage, source_file,
    source_row
from gdpval_task
union all
select 'signal:' || kind || '/' || source_row, 'signal', kind || ' ' || round(value, 4), 'task_ai_signal', vintage,
    source_file, source_row
from signal
union all
select 'signal:exposure/' || soc_code, 'signal', 'observed exposure ' || observed_exposure, 'aei_job_exposure',
    vintage, source_file, source_row
from aei_job_exposure
where soc_code in (select soc_code from soc_group)
union all
select 'wage:' || occupation_code || '/' || measure, 'wage', measure || ' of ' || occupation_code, 'wage_fact',
    vintage, source_file, source_row
from wage_fact
where occupation_code in (select oews_code from oews_soc_rollup)
    or occupation_code in (select soc_code from soc_group)
order by node_id
