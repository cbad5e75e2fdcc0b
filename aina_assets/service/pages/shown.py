from __future__ import annotations
from fastapi import Request, Response
from aina_assets.service.problem import Problem, ProblemResponse


def error_page(request: Request, problem: Problem) -> Response:
    return ProblemResponse(problem)
