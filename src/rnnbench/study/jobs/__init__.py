"""What a job of the workflow says, what it runs, and what all jobs took."""
