"""The report: one file with the numbers and charts of a period, to be sent and printed."""
