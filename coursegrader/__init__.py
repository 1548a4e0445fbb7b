"""Build the course's notebooks, release its assignments and grade a class."""
