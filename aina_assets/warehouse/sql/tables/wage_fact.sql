-- National, cross-industry figures of one lane: the first that has any, by authority.
with flat as (
    select vintage, source_file, source_row, occupation_code, measure, value, value_status, 'flat' as lane
    from oews_flat
    where area_type = 'N' and industry_code = '000000'
),
-- Seven codes are both broad and detailed; their figures agree and the detailed row is taken.
workbook as (
    select
        vintage, source_file, source_row, occupation_code, measure, value, value_status,
        'workbook' as lane
    from oews_national
    qualify row_number() over (
        partition by occupation_code, measure order by (occupation_group = 'detailed') desc, source_row
    ) = 1
),
api as (
    select vintage, source_file, source_row, occupation_code, measure, value, value_status, 'api' as lane
    from oews_api_observation
    where area_type = 'N' and industry_code = '000000'
    qualify row_number() over (partition by occupation_code, measure order by year desc) = 1
)
select * from flat
union all
select * from workbook where not exists (select 1 from flat)
union all
select * from api where not exists (select 1 from flat) and not exists (select 1 from workbook)
order by occupation_code, measure
