-- O*NET tasks with the detailed, intermediate and general work activities that they belong to.
create view task_activity as
select
    onet_task_dwa.onet_soc_code,
    onet_task_dwa.task_id,
    onet_dwa.dwa_id,
    onet_dwa.dwa_title,
    onet_iwa.iwa_id,
    onet_iwa.iwa_title,
    onet_dwa.gwa_id,
    onet_content_model.element_name as gwa_name
from onet_task_dwa
join onet_dwa using (dwa_id)
join onet_iwa using (iwa_id)
left join onet_content_model on onet_content_model.element_id = onet_dwa.gwa_id
