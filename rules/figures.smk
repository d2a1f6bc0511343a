rule figures:
    input:
        rules.gather_scores.output.csv,
