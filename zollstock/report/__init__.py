"""The report of a study: one offline page of tables, figures and words; no number is made here."""
