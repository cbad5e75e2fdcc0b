-- Occupations near an occupation, the nearest first, with the activities that both have on their own.
create view occupation_near as
select
    occupation_similarity.onet_soc_code, own.name as title, near_onet_soc_code, other.name as near_title, rank,
    similarity, activity_similarity, is_related_in_onet
from occupation_similarity
join graph_node as own on own.node_id = 'onet:' || occupation_similarity.onet_soc_code
join graph_node as other on other.node_id = 'onet:' || near_onet_soc_code
