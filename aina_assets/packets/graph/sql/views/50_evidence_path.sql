-- The shortest path between two nodes along edges in either direction, one row a step: a table macro. Of equally
-- short paths it takes the one through nodes of fewer edges. Every step has a source's row or a policy: likeness that
-- was computed (`near`) is no step, and a technology is not passed through, since that two occupations use the same
-- program is no evidence of the one for the other. No row where the nodes are not joined within `most_hops` steps.
create macro evidence_path(start_id, goal_id, most_hops := 10) as table
with recursive step(node_id, other_id) as materialized (
    select from_id, to_id from graph_edge
    where kind <> 'near' and (kind <> 'uses' or from_id = start_id or to_id = goal_id)
    union all
    select to_id, from_id from graph_edge
    where kind <> 'near' and (kind <> 'uses' or to_id = start_id or from_id = goal_id)
),
reached(node_id, hops, via_id) using key (node_id) as (
    select node_id, 0, null::varchar from graph_node where node_id = start_id
    union
    select other_id, any_value(hops) + 1, arg_min(step.node_id, (degree, step.node_id))
    from reached
    join step using (node_id)
    join node_degree using (node_id)
    where hops < most_hops
        and not exists (from recurring.reached as goal where goal.node_id = goal_id)
        and not exists (from recurring.reached as known where known.node_id = other_id)
    group by other_id
),
walked(node_id, hops, via_id) as (
    select node_id, hops, via_id from reached where node_id = goal_id
    union all
    select reached.node_id, reached.hops, reached.via_id
    from walked join reached on reached.node_id = walked.via_id
)
select
    hops as step, via_id as from_id, neighbour.kind as edge, direction, walked.node_id as to_id,
    other_kind as to_kind, other_name as to_name, weight, source_table, vintage, source_file, source_row
from walked
join neighbour on neighbour.node_id = via_id and neighbour.other_id = walked.node_id
where via_id is not null and neighbour.kind <> 'near'
qualify row_number() over (
    partition by hops order by weight desc nulls last, neighbour.kind, source_table, source_row
) = 1
order by step
