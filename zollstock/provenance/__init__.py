"""Where results come from: checksums, the record of a study, its RO-Crate and its archive."""
