-- Every edge seen from either end: what a node is joined to, and which row says so.
create view neighbour as
select
    from_id as node_id, 'to' as direction, graph_edge.kind, to_id as other_id, other.kind as other_kind,
    other.name as other_name, weight, graph_edge.source_table, graph_edge.vintage, graph_edge.source_file,
    graph_edge.source_row
from graph_edge
join graph_node as other on other.node_id = to_id
union all
select
    to_id, 'from', graph_edge.kind, from_id, other.kind, other.name, weight, graph_edge.source_table,
    graph_edge.vintage, graph_edge.source_file, graph_edge.source_row
from graph_edge
join graph_node as other on other.node_id = from_id
