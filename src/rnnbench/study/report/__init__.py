"""results/report.html: the answer in words composed from the tables, then the evidence."""
