-- Every SOC code that a signal speaks of. Legacy codes are SOC 2010 and stand as published.
with code as (
    select soc_code from aei_job_exposure
    union
    select legacy_soc_code from aei_legacy_wage
    union
    select soc_code from gdpval_occupation_soc where soc_code is not null
)
select
    soc_code,
    soc_code in (select soc_code from aei_job_exposure) as has_job_exposure,
    soc_code in (select legacy_soc_code from aei_legacy_wage) as has_legacy_signal,
    soc_code in (select soc_code from gdpval_occupation_soc where soc_code is not null) as has_gdpval
from code
order by soc_code
