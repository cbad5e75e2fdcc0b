-- GDPval names its occupations by SOC 2018 titles. Where a broad group and its only detailed occupation
-- bear the same title, the detailed one is meant.
with named as (
    select
        title,
        soc_code,
        level,
        row_number() over (
            partition by title
            order by case level when 'detailed' then 1 when 'broad' then 2 when 'minor' then 3 else 4 end
        ) as choice
    from soc_group
)
select
    occupation,
    any_value(named.soc_code) as soc_code,
    any_value(named.level) as soc_level,
    count(*) as gdpval_task_count
from gdpval_task
left join named on named.title = occupation and choice = 1
group by occupation
order by occupation
