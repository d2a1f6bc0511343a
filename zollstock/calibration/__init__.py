"""Whether the tests and scores hold: false positives, known truths, bias, and power."""
