"""What all tests share: Hypothesis draws the same examples every time."""

from hypothesis import settings
from small_course import graded, small_assignment  # noqa: F401

settings.register_profile("course", derandomize=True, deadline=None)
settings.load_profile("course")
