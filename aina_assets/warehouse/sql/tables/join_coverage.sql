-- How many rows of one table find their counterpart in another. Floors: source_expectations.toml.
with task_text as (select distinct lower(trim(task)) as task from onet_task),
linked as (select distinct signal_text from task_link),
legacy_text as (select distinct lower(trim(task)) as task from aei_legacy_task),
detailed as (select soc_code from soc_group where level = 'detailed')

select
    'penetration_to_current_task' as join_name, 'aei_task_penetration' as left_table,
    'onet_task' as right_table, count(*) as left_rows,
    count(*) filter (lower(trim(task)) in (select task from task_text)) as matched_rows
from aei_task_penetration
union all
select
    'penetration_to_linked_task', 'aei_task_penetration', 'task_link', count(*),
    count(*) filter (lower(trim(task)) in (select signal_text from linked))
from aei_task_penetration
union all
select
    'current_task_to_penetration', 'onet_task', 'aei_task_penetration', count(*),
    count(*) filter (lower(trim(task)) in (select lower(trim(task)) from aei_task_penetration))
from onet_task
union all
select
    'usage_to_legacy_task', 'aei_task_usage', 'aei_legacy_task', count(*),
    count(*) filter (task_name in (select task from legacy_text))
from aei_task_usage where not is_pseudo_task
union all
select
    'usage_to_linked_task', 'aei_task_usage', 'task_link', count(*),
    count(*) filter (task_name in (select signal_text from linked))
from aei_task_usage where not is_pseudo_task
union all
select
    'collaboration_to_legacy_task', 'aei_task_collaboration', 'aei_legacy_task', count(*),
    count(*) filter (task_name in (select task from legacy_text))
from aei_task_collaboration where task_name <> 'none'
union all
select
    'collaboration_to_linked_task', 'aei_task_collaboration', 'task_link', count(*),
    count(*) filter (task_name in (select signal_text from linked))
from aei_task_collaboration where task_name <> 'none'
union all
select
    'thinking_to_legacy_task', 'aei_task_thinking', 'aei_legacy_task', count(*),
    count(*) filter (task_name in (select task from legacy_text))
from aei_task_thinking where task_name <> 'none'
union all
select
    'exposure_to_soc_detailed', 'aei_job_exposure', 'soc_group', count(*),
    count(*) filter (soc_code in (select soc_code from detailed))
from aei_job_exposure
union all
select
    'legacy_soc_to_soc_2018', 'aei_legacy_wage', 'soc_2010_to_2018', count(distinct legacy_soc_code),
    count(distinct legacy_soc_code) filter (
        legacy_soc_code in (
            select legacy_soc_code from soc_2010_to_2018 where soc_code is not null
        )
    )
from aei_legacy_wage
union all
select
    'onet_occupation_to_soc', 'onet_occupation', 'onet_soc_to_soc', count(*),
    count(*) filter (onet_soc_code in (select onet_soc_code from onet_soc_to_soc))
from onet_occupation
union all
select
    'gdpval_occupation_to_soc', 'gdpval_occupation_soc', 'soc_group', count(*),
    count(*) filter (soc_code is not null)
from gdpval_occupation_soc
union all
select
    'oews_occupation_to_soc', 'wage_fact', 'soc_group', count(distinct occupation_code),
    count(distinct occupation_code) filter (
        occupation_code in (select soc_code from soc_group)
        or occupation_code = '00-0000'
        or occupation_code in (select oews_code from oews_soc_rollup where oews_code is not null)
    )
from wage_fact
union all
select
    'soc_detailed_to_oews', 'soc_group', 'oews_soc_rollup', count(*),
    count(*) filter (relation <> 'not_covered')
from oews_soc_rollup
where exists (select 1 from wage_fact)
order by join_name
