-- Every authoritative title with the code that it belongs to and the row that says so.
create view title_evidence as
select title, onet_soc_code as code, 'onet_occupation' as evidence_table, source_file, source_row
from onet_occupation
union all
select job_title, onet_soc_code, 'onet_job_title', source_file, source_row from onet_job_title
union all
select reported_title, onet_soc_code, 'onet_reported_title', source_file, source_row
from onet_reported_title
union all
select direct_match_title, soc_code, 'soc_direct_match_title', source_file, source_row
from soc_direct_match_title
