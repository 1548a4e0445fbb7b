"""Settings that make this folder an nbgrader course, for stock `nbgrader` too.

`make notebooks` reads them as well, so that the releases in assignments/ are what
`nbgrader generate_assignment --force a3` gives.
"""

c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "coursecore"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

# Submissions are read from submitted/STUDENT/ASSIGNMENT/, marks go to gradebook.db.
c.CourseDirectory.submitted_directory = "submitted"
c.CourseDirectory.autograded_directory = "autograded"
c.CourseDirectory.feedback_directory = "feedback"
c.CourseDirectory.db_url = "sqlite:///gradebook.db"

# Seconds one cell of a submission may take.
c.ExecutePreprocessor.timeout = 30
