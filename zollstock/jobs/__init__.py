"""One function a rule: paths in, files out; and what runs around it (`harness`).

A script hands the rule's plain values to one function of one module here, so that a rule's job
can be called from a notebook too, and is typed and tested like the rest of the library.
"""
