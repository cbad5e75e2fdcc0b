-- Each Economic Index signal of each O*NET task, as a row of its own with the source row that it is from. Where
-- several texts of a signal link to a task, the one that reads as the task does now comes first. A conversation
-- share that upstream withheld for privacy is told as such: the modes beside it are no zeros.
with penetration as (
    select
        onet_soc_code, task_id, 'penetration' as kind, penetration as value, 'share' as unit,
        method, signal_text, vintage, source_file, source_row
    from task_link
    join aei_task_penetration on lower(trim(aei_task_penetration.task)) = signal_text
),
usage as (
    select
        onet_soc_code, task_id, 'usage' as kind, usage_percent as value, 'percent_of_conversations' as unit,
        method, signal_text, vintage, source_file, source_row
    from task_link
    join aei_task_usage on task_name = signal_text and release = (select max(release) from aei_task_usage)
),
collaboration as (
    select
        onet_soc_code, task_id, method, signal_text, vintage, source_file, source_row,
        directive + feedback_loop as automation,
        task_iteration + validation + learning as augmentation,
        filtered as withheld
    from task_link
    join aei_task_collaboration on task_name = signal_text
),
mode as (
    select
        onet_soc_code, task_id, kind,
        -- Sums of published shares: without rounding they would say 0.30000000000000004.
        case when withheld >= 1 and kind <> 'withheld' then null else round(least(value, 1), 6) end as value,
        'share' as unit, method, signal_text, vintage, source_file, source_row
    from (
        select *, 'automation' as kind, automation as value from collaboration
        union all
        select *, 'augmentation' as kind, augmentation as value from collaboration
        union all
        select *, 'withheld' as kind, withheld as value from collaboration
    )
),
thinking as (
    select
        onet_soc_code, task_id, 'thinking' as kind, thinking_fraction as value, 'share' as unit,
        method, signal_text, vintage, source_file, source_row
    from task_link
    join aei_task_thinking on task_name = signal_text
),
every as (
    select * from penetration
    union all by name
    select * from usage
    union all by name
    select * from mode
    union all by name
    select * from thinking
)
select
    onet_soc_code,
    task_id,
    kind,
    value,
    case
        when value is not null then 'published'
        when kind = 'thinking' then 'not_published'
        else 'withheld'
    end as status,
    unit,
    -- The release's folder has its day; other folders are not dated upstream.
    cast(try_strptime(regexp_extract(source_file, '^release_(\d{4}_\d{2}_\d{2})/', 1), '%Y_%m_%d') as date)
        as released,
    method as text_link,
    vintage,
    source_file,
    source_row
from every
qualify row_number() over (
    partition by onet_soc_code, task_id, kind order by method = 'same_text' desc, signal_text, source_row
) = 1
order by onet_soc_code, task_id, kind
