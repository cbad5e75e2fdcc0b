-- O*NET tasks with each Economic Index signal as a number of its own; null where there is none. Each
-- signal is linked on its own: its texts are of different O*NET releases. Where several of its texts
-- link to a task, the one that reads as the task does now comes first.
create view task_signal as
with penetration as (
    select onet_soc_code, task_id, penetration, method
    from task_link
    join aei_task_penetration on lower(trim(aei_task_penetration.task)) = signal_text
    qualify row_number() over (
        partition by onet_soc_code, task_id order by method = 'same_text' desc, signal_text, source_row
    ) = 1
),
usage as (
    select onet_soc_code, task_id, usage_percent, method
    from task_link
    join aei_task_usage on task_name = signal_text and release = '2025-03-27 v2'
    qualify row_number() over (
        partition by onet_soc_code, task_id order by method = 'same_text' desc, signal_text
    ) = 1
),
collaboration as (
    select
        onet_soc_code,
        task_id,
        directive + feedback_loop as automation_share,
        task_iteration + validation + learning as augmentation_share,
        filtered as withheld_share
    from task_link
    join aei_task_collaboration on task_name = signal_text
    qualify row_number() over (
        partition by onet_soc_code, task_id order by method = 'same_text' desc, signal_text
    ) = 1
),
thinking as (
    select onet_soc_code, task_id, thinking_fraction
    from task_link
    join aei_task_thinking on task_name = signal_text
    qualify row_number() over (
        partition by onet_soc_code, task_id order by method = 'same_text' desc, signal_text
    ) = 1
)
select
    onet_task.onet_soc_code,
    onet_task.task_id,
    onet_task.task,
    onet_task.task_type,
    penetration.penetration,
    penetration.method as penetration_link,
    usage.usage_percent,
    usage.method as usage_link,
    collaboration.automation_share,
    collaboration.augmentation_share,
    collaboration.withheld_share,
    thinking.thinking_fraction
from onet_task
left join penetration using (onet_soc_code, task_id)
left join usage using (onet_soc_code, task_id)
left join collaboration using (onet_soc_code, task_id)
left join thinking using (onet_soc_code, task_id)
