-- Intermediate activities that two occupations share, with how many tasks of each are of them.
create view occupation_activity as
select
    has_task.from_id as occupation_id, in_activity.to_id as iwa_id, count(distinct has_task.to_id) as tasks,
    avg(has_task.weight) as mean_importance
from graph_edge as has_task
join graph_edge as of_activity on of_activity.kind = 'of_activity' and of_activity.from_id = has_task.to_id
join graph_edge as in_activity on in_activity.kind = 'in_activity' and in_activity.from_id = of_activity.to_id
where has_task.kind = 'has_task'
group by all
