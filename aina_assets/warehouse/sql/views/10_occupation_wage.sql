-- SOC 2018 detailed occupations with national employment and annual wages; a figure that BLS withholds
-- is null and its status says why. `wage_relation` says whether the figure is the occupation's own.
create view occupation_wage as
select
    oews_soc_rollup.soc_code,
    oews_soc_rollup.oews_code,
    oews_soc_rollup.relation as wage_relation,
    any_value(wage_fact.vintage) as wage_vintage,
    any_value(wage_fact.lane) as wage_lane,
    any_value(value) filter (measure = 'employment_jobs') as employment_jobs,
    any_value(value) filter (measure = 'annual_mean_wage_usd') as annual_mean_wage_usd,
    any_value(value_status) filter (measure = 'annual_mean_wage_usd') as annual_mean_wage_status,
    any_value(value) filter (measure = 'annual_median_wage_usd') as annual_median_wage_usd,
    any_value(value_status) filter (measure = 'annual_median_wage_usd') as annual_median_wage_status,
    any_value(value) filter (measure = 'annual_p10_wage_usd') as annual_p10_wage_usd,
    any_value(value) filter (measure = 'annual_p90_wage_usd') as annual_p90_wage_usd,
    any_value(value_status) filter (measure = 'annual_p90_wage_usd') as annual_p90_wage_status
from oews_soc_rollup
left join wage_fact on wage_fact.occupation_code = oews_soc_rollup.oews_code
group by all
