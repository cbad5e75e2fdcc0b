-- Which OEWS row speaks of each SOC 2018 detailed occupation. OEWS publishes some occupations only
-- together: under a code of its own inside their broad group (21-1018), or under the broad group's code
-- (13-1020). Such a code stands for those occupations of the broad group that have no row themselves.
with oews as (
    select distinct occupation_code from wage_fact
),
occupation as (
    -- The parent and not the code's digits: 29-1221 is in broad group 29-1210.
    select
        soc_code,
        parent_soc_code as broad_code,
        soc_code in (select occupation_code from oews) as is_direct
    from soc_group
    where level = 'detailed'
),
-- A code that no SOC group bears comes before the broad group's own row, which also covers occupations
-- that have rows themselves.
group_row as (
    select left(occupation_code, 6) || '0' as broad_code, occupation_code
    from oews
    where occupation_code not in (select soc_code from soc_group where level <> 'broad')
    qualify row_number() over (
        partition by left(occupation_code, 6)
        order by occupation_code in (select soc_code from soc_group), occupation_code
    ) = 1
),
matched as (
    select
        soc_code,
        case when is_direct then soc_code else group_row.occupation_code end as oews_code,
        case
            when is_direct then 'direct' when group_row.occupation_code is not null then 'rolled_up'
            else 'not_covered'
        end as relation
    from occupation
    left join group_row using (broad_code)
)
select
    soc_code,
    oews_code,
    relation,
    case when oews_code is null then 0 else count(*) over (partition by oews_code) end
        as shared_with_count
from matched
order by soc_code
