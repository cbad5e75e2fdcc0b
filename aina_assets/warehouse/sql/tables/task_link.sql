-- A signal's text to the O*NET tasks it speaks of. Texts are compared in lower case and stripped: that
-- is how the usage files write them, and the penetration file's verbatim texts survive it unharmed.
with signal as (
    select lower(trim(task)) as signal_text from aei_task_penetration
    union
    select task_name from aei_task_usage where not is_pseudo_task
    union
    select task_name from aei_task_collaboration
    union
    select task_name from aei_task_thinking
),
current_task as (
    select lower(trim(task)) as signal_text, onet_soc_code, task_id from onet_task
),
same_text as (
    select signal_text, onet_soc_code, task_id
    from signal join current_task using (signal_text)
),
legacy as (
    select distinct signal_text, onet_task.onet_soc_code, onet_task.task_id
    from signal
    join aei_legacy_task on lower(trim(aei_legacy_task.task)) = signal_text
    join onet_task using (task_id)
    anti join same_text using (signal_text, onet_soc_code, task_id)
)
select signal_text, onet_soc_code, task_id, 'same_text' as method from same_text
union all
select signal_text, onet_soc_code, task_id, 'legacy_task_id' as method from legacy
order by signal_text, onet_soc_code, task_id
