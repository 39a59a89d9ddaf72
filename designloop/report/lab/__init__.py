"""What a report shows of a lab: its flow, its use by week, waits, turnarounds and charts of machines and batches."""
