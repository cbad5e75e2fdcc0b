-- O*NET occupations with their wage, exposure, job zone, and counts of tasks, titles and GDPval tasks.
create view occupation_overview as
with task as (
    select
        onet_soc_code,
        count(*) as task_count,
        count(*) filter (task_type = 'Core') as core_task_count
    from onet_task
    group by all
),
signal as (
    select
        onet_soc_code,
        count(penetration) as penetration_task_count,
        count(usage_percent) as usage_task_count
    from task_signal
    group by all
),
title as (
    select code as onet_soc_code, count(distinct lower(title)) as title_count
    from title_evidence
    group by all
),
-- A GDPval occupation counts for each O*NET occupation of its SOC code, and one named by a broad group for
-- each of the group: the counts say what an occupation can practise on and do not add up to 220.
gdpval as (
    select onet_soc_to_soc.onet_soc_code, sum(gdpval_task_count) as gdpval_task_count
    from gdpval_occupation_soc
    join onet_soc_to_soc
        on onet_soc_to_soc.soc_code = gdpval_occupation_soc.soc_code
        or (
            gdpval_occupation_soc.soc_level = 'broad'
            and left(onet_soc_to_soc.soc_code, 6) = left(gdpval_occupation_soc.soc_code, 6)
        )
    group by all
)
select
    onet_occupation.onet_soc_code,
    onet_occupation.title,
    onet_soc_to_soc.soc_code,
    onet_job_zone.job_zone,
    coalesce(task.task_count, 0) as task_count,
    coalesce(task.core_task_count, 0) as core_task_count,
    coalesce(title.title_count, 0) as title_count,
    aei_job_exposure.observed_exposure,
    coalesce(signal.penetration_task_count, 0) as penetration_task_count,
    coalesce(signal.usage_task_count, 0) as usage_task_count,
    coalesce(gdpval.gdpval_task_count, 0)::bigint as gdpval_task_count,
    occupation_wage.employment_jobs,
    occupation_wage.annual_mean_wage_usd,
    occupation_wage.annual_mean_wage_status,
    occupation_wage.annual_median_wage_usd,
    occupation_wage.annual_median_wage_status,
    occupation_wage.wage_relation,
    occupation_wage.wage_vintage
from onet_occupation
left join onet_soc_to_soc using (onet_soc_code)
left join onet_job_zone using (onet_soc_code)
left join task using (onet_soc_code)
left join signal using (onet_soc_code)
left join title using (onet_soc_code)
left join gdpval using (onet_soc_code)
left join aei_job_exposure on aei_job_exposure.soc_code = onet_soc_to_soc.soc_code
left join occupation_wage on occupation_wage.soc_code = onet_soc_to_soc.soc_code
