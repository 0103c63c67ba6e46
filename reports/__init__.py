"""Job output to tables, comparisons, figures and one HTML page; publishing to S3."""
