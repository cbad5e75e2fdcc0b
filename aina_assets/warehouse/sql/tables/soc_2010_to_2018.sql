-- What became of the SOC 2010 codes of the legacy signals. The official 2010-to-2018 crosswalk is not
-- among the locked files, so each link is shown by evidence that is: the code itself, the O*NET task ids
-- that outlived the change, or the occupation's title. What none of them shows stays unmapped.
with legacy as (
    select legacy_soc_code from aei_legacy_wage
    union
    select left(legacy_onet_soc_code, 7) from aei_legacy_task
),
detailed as (
    select soc_code from soc_group where level = 'detailed'
),
same_code as (
    select legacy_soc_code, legacy_soc_code as soc_code, 'same_code' as method, 0 as evidence_rows
    from legacy
    join detailed on soc_code = legacy_soc_code
),
task_continuity as (
    select
        left(aei_legacy_task.legacy_onet_soc_code, 7) as legacy_soc_code,
        onet_soc_to_soc.soc_code,
        'task_continuity' as method,
        count(*) as evidence_rows
    from aei_legacy_task
    join onet_task using (task_id)
    join onet_soc_to_soc using (onet_soc_code)
    join detailed using (soc_code)
    group by all
),
legacy_title as (
    select distinct legacy_soc_code, lower(trim(job_name)) as title from aei_legacy_wage
    where legacy_onet_soc_code like '%.00'
),
soc_title as (
    select lower(trim(title)) as title, soc_code from soc_group where level = 'detailed'
    union
    select lower(trim(direct_match_title)), soc_code from soc_direct_match_title
    union
    select lower(trim(job_title)), onet_soc_to_soc.soc_code
    from onet_job_title
    join onet_soc_to_soc using (onet_soc_code)
),
same_title as (
    select legacy_soc_code, soc_code, 'same_title' as method, count(*) as evidence_rows
    from legacy_title
    join soc_title using (title)
    join detailed using (soc_code)
    group by all
),
-- The strongest evidence that a legacy code has decides; weaker evidence is not mixed in.
found as (
    select * from same_code
    union all
    select * from task_continuity anti join same_code using (legacy_soc_code)
    union all
    select * from same_title
    anti join same_code using (legacy_soc_code)
    anti join task_continuity using (legacy_soc_code)
)
select legacy_soc_code, soc_code, method, evidence_rows from found
union all
select legacy_soc_code, null, 'unmapped', 0 from legacy anti join found using (legacy_soc_code)
order by legacy_soc_code, soc_code
