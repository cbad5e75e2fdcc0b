-- How many edges a node has. A path through a node of few edges says more than one through a hub. A table: paths
-- ask it of every node that they pass.
create table node_degree as
select node_id, count(*) as degree
from (select from_id as node_id from graph_edge union all select to_id from graph_edge)
group by node_id
