-- Every edge of the graph with the row that says so, from the finer to the coarser where there is such an order.
with served as (
    select title_packet.*, source_file.vintage
    from title_packet
    left join source_file on source_file.source || '/' || source_file.name = evidence_file
),
authority as (
    select 'onet_occupation' as source_table, source_row, vintage, source_file from onet_occupation
    union all
    select 'onet_job_title', source_row, vintage, source_file from onet_job_title
    union all
    select 'onet_reported_title', source_row, vintage, source_file from onet_reported_title
    union all
    select 'soc_direct_match_title', source_row, vintage, source_file from soc_direct_match_title
),
listed as (
    -- One row of an authority may be equal in several of its forms.
    select distinct
        'title:' || title_id as from_id,
        case when onet_soc_code is null then 'soc:' || soc_code else 'onet:' || onet_soc_code end as to_id,
        source_table,
        source_row
    from title_exact_candidate
    where title_id in (select title_id from title_packet)
)
select
    'title:' || title_id as from_id,
    case when served_level = 'function' then 'function:' else 'soc:' end || served_code as to_id,
    'served_as' as kind,
    probability as weight,
    coalesce(evidence_table, 'title_packet') as source_table,
    vintage,
    split_part(evidence_file, '/', 2) as source_file,
    evidence_row as source_row
from served
union all
select from_id, to_id, 'listed_under', null, source_table, vintage, source_file, source_row
from listed join authority using (source_table, source_row)
union all
select 'function:' || "function", 'soc:' || soc_code, 'covers', null, 'business_functions', null, null, null
from function_of
union all
select 'onet:' || onet_soc_code, 'soc:' || soc_code, 'in_group', null, 'onet_soc_to_soc', vintage, source_file,
    source_row
from onet_soc_to_soc
where onet_soc_code in (select onet_soc_code from onet_occupation)
    and soc_code in (select soc_code from soc_group)
union all
select 'soc:' || soc_code, 'soc:' || parent_soc_code, 'in_group', null, 'soc_group', vintage, source_file,
    source_row
from soc_group
where parent_soc_code is not null
union all
select 'onet:' || onet_soc_code, 'task:' || task_id, 'has_task', importance, 'onet_task', onet_task.vintage,
    onet_task.source_file, onet_task.source_row
from onet_task join task_importance using (onet_soc_code, task_id)
union all
select 'task:' || task_id, 'dwa:' || dwa_id, 'of_activity', null, 'onet_task_dwa', vintage, source_file, source_row
from onet_task_dwa
union all
select 'dwa:' || dwa_id, 'iwa:' || iwa_id, 'in_activity', null, 'onet_dwa', vintage, source_file, source_row
from onet_dwa
union all
select 'iwa:' || iwa_id, 'gwa:' || gwa_id, 'in_activity', null, 'onet_iwa', vintage, source_file, source_row
from onet_iwa
where gwa_id in (select element_id from onet_content_model)
union all
select 'onet:' || onet_soc_code, 'technology:' || workplace_example, 'uses', null, 'onet_software_skill', vintage,
    source_file, source_row
from onet_software_skill
union all
select 'soc:' || soc_code, 'gdpval:' || task_id, 'practised_on', null, 'gdpval_task', vintage, source_file,
    source_row
from gdpval_task join gdpval_occupation_soc using (occupation)
where soc_code is not null
union all
select 'task:' || task_id, 'signal:' || kind || '/' || source_row, 'has_signal', value, 'task_ai_signal', vintage,
    source_file, source_row
from task_ai_signal
where value is not null
union all
select 'soc:' || soc_code, 'signal:exposure/' || soc_code, 'has_signal', observed_exposure, 'aei_job_exposure',
    vintage, source_file, source_row
from aei_job_exposure
where soc_code in (select soc_code from soc_group)
union all
select 'soc:' || soc_code, 'wage:' || occupation_code || '/' || measure, 'paid', "value", 'wage_fact',
    wage_fact.vintage, wage_fact.source_file, wage_fact.source_row
from (
    -- A detailed occupation by the roll-up, every other group by the row of its own code.
    select soc_code, oews_code from oews_soc_rollup where oews_code is not null
    union
    select soc_code, soc_code from soc_group where level <> 'detailed'
) as paid
join wage_fact on wage_fact.occupation_code = paid.oews_code
union all
select 'onet:' || onet_soc_code, 'onet:' || near_onet_soc_code, 'near', similarity, 'occupation_similarity', null,
    null, null
from occupation_similarity
order by from_id, to_id, kind, source_table, source_row
